# The files of src/weftd: one line for each pair. What tests use of it is libweftd.a.
noinst_LIBRARIES += libweftd.a
libweftd_a_SOURCES =
libweftd_a_SOURCES += %D%/ask.c %D%/ask.h
libweftd_a_SOURCES += %D%/retire.c %D%/retire.h

sbin_PROGRAMS += weftd
weftd_SOURCES =
weftd_SOURCES += %D%/check.c %D%/check.h
weftd_SOURCES += %D%/command_argument.c %D%/command_argument.h
weftd_SOURCES += %D%/command_dump.c %D%/command_dump.h
weftd_SOURCES += %D%/command_key.c %D%/command_key.h
weftd_SOURCES += %D%/command_lease.c %D%/command_lease.h
weftd_SOURCES += %D%/command_service.c %D%/command_service.h
weftd_SOURCES += %D%/command_stats.c %D%/command_stats.h
weftd_SOURCES += %D%/command_zone.c %D%/command_zone.h
weftd_SOURCES += %D%/commands.c %D%/commands.h
weftd_SOURCES += %D%/confine.c %D%/confine.h
weftd_SOURCES += %D%/jobs.c %D%/jobs.h
weftd_SOURCES += %D%/loop.c %D%/loop.h
weftd_SOURCES += %D%/main.c
weftd_SOURCES += %D%/reload.c %D%/reload.h
weftd_SOURCES += %D%/report.c %D%/report.h
weftd_SOURCES += %D%/rules.c %D%/rules.h
weftd_SOURCES += %D%/start.c %D%/start.h
weftd_SOURCES += %D%/weftd.h
weftd_SOURCES += %D%/zones.c %D%/zones.h
weftd_LDADD = $(weftd_link)
