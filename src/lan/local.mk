# The files of src/lan: one line for each pair. Without Avahi's library there is no LAN.
noinst_LIBRARIES += liblan.a
liblan_a_SOURCES =
if HAVE_AVAHI
liblan_a_SOURCES += %D%/browser.c
liblan_a_SOURCES += %D%/daemon.c
liblan_a_SOURCES += %D%/farewell.c
liblan_a_SOURCES += %D%/group.c
liblan_a_SOURCES += %D%/interfaces.c
liblan_a_SOURCES += %D%/part.c
liblan_a_SOURCES += %D%/poll.c
endif
liblan_a_SOURCES += %D%/browser.h
liblan_a_SOURCES += %D%/daemon.h %D%/daemon_priv.h
liblan_a_SOURCES += %D%/farewell.h
liblan_a_SOURCES += %D%/group.h
liblan_a_SOURCES += %D%/interfaces.h %D%/interfaces_priv.h
liblan_a_SOURCES += %D%/name.c %D%/name.h
liblan_a_SOURCES += %D%/part.h
liblan_a_SOURCES += %D%/poll.h
liblan_a_SOURCES += %D%/record.h
liblan_a_SOURCES += %D%/sightings.c %D%/sightings.h
