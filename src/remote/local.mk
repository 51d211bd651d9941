# The files of src/remote: one line for each pair.
noinst_LIBRARIES += libremote.a
libremote_a_SOURCES =
libremote_a_SOURCES += %D%/bridge.c %D%/bridge.h
libremote_a_SOURCES += %D%/control.c %D%/control.h
libremote_a_SOURCES += %D%/diff.c %D%/diff.h
libremote_a_SOURCES += %D%/drain.c %D%/drain.h
libremote_a_SOURCES += %D%/events.c %D%/events.h
libremote_a_SOURCES += %D%/lease.c %D%/lease.h
libremote_a_SOURCES += %D%/rates.c %D%/rates.h
libremote_a_SOURCES += %D%/reload.c %D%/reload.h
libremote_a_SOURCES += %D%/service.c %D%/service.h
libremote_a_SOURCES += %D%/stats.c %D%/stats.h
libremote_a_SOURCES += %D%/status.c %D%/status.h
libremote_a_SOURCES += %D%/top.c %D%/top.h
libremote_a_SOURCES += %D%/top_view.c %D%/top_view.h
libremote_a_SOURCES += %D%/zone.c %D%/zone.h
