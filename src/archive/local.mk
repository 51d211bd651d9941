# The files of src/archive: one line for each pair.
noinst_LIBRARIES += libarchive.a
libarchive_a_SOURCES =
libarchive_a_SOURCES += %D%/header.c %D%/header.h
libarchive_a_SOURCES += %D%/in.c %D%/in.h
libarchive_a_SOURCES += %D%/out.c %D%/out.h
