# The files of src/weftd: one line for each pair. What tests use of it is libweftd.a.
noinst_LIBRARIES += libweftd.a
libweftd_a_SOURCES =
libweftd_a_SOURCES += %D%/config.c %D%/config.h %D%/config_priv.h
libweftd_a_SOURCES += %D%/config_fabric.c
libweftd_a_SOURCES += %D%/config_key.c
libweftd_a_SOURCES += %D%/config_table.c
libweftd_a_SOURCES += %D%/config_zone.c

sbin_PROGRAMS += weftd
weftd_SOURCES =
weftd_SOURCES += %D%/command_key.c %D%/command_key.h
weftd_SOURCES += %D%/command_lease.c %D%/command_lease.h
weftd_SOURCES += %D%/command_service.c %D%/command_service.h
weftd_SOURCES += %D%/command_stats.c %D%/command_stats.h
weftd_SOURCES += %D%/commands.c
weftd_SOURCES += %D%/daemon.c %D%/daemon.h
weftd_SOURCES += %D%/main.c
weftd_SOURCES += %D%/rules.c
weftd_LDADD = $(weftd_link)
