# The files of src/advertise: one line for each pair. Without Avahi's library there is no bridge.
noinst_LIBRARIES += libadvertise.a
libadvertise_a_SOURCES =
if HAVE_AVAHI
libadvertise_a_SOURCES += %D%/advert.c %D%/advert.h
libadvertise_a_SOURCES += %D%/advertise.c %D%/advertise.h
libadvertise_a_SOURCES += %D%/alternatives.c %D%/alternatives.h
libadvertise_a_SOURCES += %D%/names.c %D%/names.h
libadvertise_a_SOURCES += %D%/owner.c %D%/owner.h
libadvertise_a_SOURCES += %D%/phases.c %D%/phases.h
libadvertise_a_SOURCES += %D%/records.c %D%/records.h
libadvertise_a_SOURCES += %D%/registered.c %D%/registered.h
libadvertise_a_SOURCES += %D%/settings.h
libadvertise_a_SOURCES += %D%/source.c %D%/source.h
libadvertise_a_SOURCES += %D%/targets.c %D%/targets.h
libadvertise_a_SOURCES += %D%/twins.c %D%/twins.h
libadvertise_a_SOURCES += %D%/types.c %D%/types.h
libadvertise_a_SOURCES += %D%/waits.c %D%/waits.h
endif
