# The files of src/discover: one line for each pair. Without Avahi's library there is no bridge.
noinst_LIBRARIES += libdiscover.a
libdiscover_a_SOURCES =
if HAVE_AVAHI
libdiscover_a_SOURCES += %D%/discover.c %D%/discover.h
libdiscover_a_SOURCES += %D%/followed.c %D%/followed.h
libdiscover_a_SOURCES += %D%/places.c %D%/places.h
libdiscover_a_SOURCES += %D%/shared.c %D%/shared.h
libdiscover_a_SOURCES += %D%/translate.c %D%/translate.h
libdiscover_a_SOURCES += %D%/upkeep.c %D%/upkeep.h
libdiscover_a_SOURCES += %D%/writer.c %D%/writer.h
endif
