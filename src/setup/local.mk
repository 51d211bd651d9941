# The files of src/setup: one line for each pair.
noinst_LIBRARIES += libsetup.a
libsetup_a_SOURCES =
libsetup_a_SOURCES += %D%/complete.c %D%/complete.h
libsetup_a_SOURCES += %D%/detect.c %D%/detect.h
libsetup_a_SOURCES += %D%/known.c %D%/known.h
libsetup_a_SOURCES += %D%/place.c %D%/place.h
libsetup_a_SOURCES += %D%/setup.c %D%/setup.h
libsetup_a_SOURCES += %D%/snippet.c %D%/snippet.h
