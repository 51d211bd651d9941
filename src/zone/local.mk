# The files of src/zone: one line for each pair.
noinst_LIBRARIES += libzone.a
libzone_a_SOURCES =
libzone_a_SOURCES += %D%/changeset.c %D%/changeset.h
