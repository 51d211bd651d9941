# The files of src/atlas: one line for each pair.
noinst_LIBRARIES += libatlas.a
libatlas_a_SOURCES =
libatlas_a_SOURCES += %D%/atlas.h
