# The files of src/listing: one line for each pair.
noinst_LIBRARIES += liblisting.a
liblisting_a_SOURCES =
liblisting_a_SOURCES += %D%/leases.c %D%/leases.h
liblisting_a_SOURCES += %D%/nodes.c %D%/nodes.h
liblisting_a_SOURCES += %D%/services.c %D%/services.h
liblisting_a_SOURCES += %D%/usage.c %D%/usage.h
