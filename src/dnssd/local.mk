# The files of src/dnssd: one line for each pair.
noinst_LIBRARIES += libdnssd.a
libdnssd_a_SOURCES =
libdnssd_a_SOURCES += %D%/fabric_name.c %D%/fabric_name.h
libdnssd_a_SOURCES += %D%/kind.c %D%/kind.h
libdnssd_a_SOURCES += %D%/txt.c %D%/txt.h
