# The files of src/fabric: one line for each pair.
noinst_LIBRARIES += libfabric.a
libfabric_a_SOURCES =
libfabric_a_SOURCES += %D%/keyfile.c %D%/keyfile.h
