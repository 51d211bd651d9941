# The files of src/place: one line for each pair.
noinst_LIBRARIES += libplace.a
libplace_a_SOURCES =
libplace_a_SOURCES += %D%/place.c %D%/place.h
libplace_a_SOURCES += %D%/rank.c %D%/rank.h
