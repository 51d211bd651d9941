# The files of src/fabric: one line for each pair.
noinst_LIBRARIES += libfabric.a
libfabric_a_SOURCES =
libfabric_a_SOURCES += %D%/cache.c %D%/cache.h
libfabric_a_SOURCES += %D%/derive.c %D%/derive.h
libfabric_a_SOURCES += %D%/fabric.c %D%/fabric.h
libfabric_a_SOURCES += %D%/file.c %D%/file.h %D%/file_priv.h
libfabric_a_SOURCES += %D%/file_write.c
libfabric_a_SOURCES += %D%/keyfile.c %D%/keyfile.h
libfabric_a_SOURCES += %D%/record.c %D%/record.h
libfabric_a_SOURCES += %D%/revoked.c %D%/revoked.h
libfabric_a_SOURCES += %D%/ring.c %D%/ring.h
libfabric_a_SOURCES += %D%/uses.c %D%/uses.h
