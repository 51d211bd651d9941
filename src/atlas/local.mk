# The files of src/atlas: one line for each pair.
noinst_LIBRARIES += libatlas.a
libatlas_a_SOURCES =
libatlas_a_SOURCES += %D%/atlas.c %D%/atlas.h
libatlas_a_SOURCES += %D%/atlas_priv.h
libatlas_a_SOURCES += %D%/cluster.c
libatlas_a_SOURCES += %D%/declared.c
libatlas_a_SOURCES += %D%/records.c %D%/records.h
libatlas_a_SOURCES += %D%/running.c
libatlas_a_SOURCES += %D%/text.c %D%/text.h
libatlas_a_SOURCES += %D%/transfer.c %D%/transfer.h
