# The files of src/cmd: one line for each pair; what the three main()s share is libcmd.a.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES =
libcmd_a_SOURCES += %D%/config.c %D%/config.h %D%/config_priv.h
libcmd_a_SOURCES += %D%/config_entry.c
libcmd_a_SOURCES += %D%/config_table.c
libcmd_a_SOURCES += %D%/setting.c %D%/setting.h
libcmd_a_SOURCES += %D%/setting_type.c
libcmd_a_SOURCES += %D%/notify.c %D%/notify.h
libcmd_a_SOURCES += %D%/privileges.c %D%/privileges.h

bin_PROGRAMS += weft
weft_SOURCES = %D%/weft.c %D%/weft_priv.h
weft_SOURCES += %D%/weft_control.c
weft_SOURCES += %D%/weft_fabric.c
weft_SOURCES += %D%/weft_key.c
weft_SOURCES += %D%/weft_passphrase.c
weft_SOURCES += %D%/weft_show.c
weft_SOURCES += %D%/weft_store.c
weft_LDADD = $(cmd_link)

sbin_PROGRAMS += weftd
weftd_SOURCES = %D%/weftd.c
weftd_SOURCES += %D%/daemon.c %D%/daemon.h
weftd_SOURCES += %D%/daemon_control.c
weftd_SOURCES += %D%/daemon_keys.c %D%/daemon_keys.h
weftd_SOURCES += %D%/daemon_lease.c %D%/daemon_lease.h \
	%D%/daemon_services.c %D%/daemon_services.h
weftd_SOURCES += %D%/daemon_stats.c %D%/daemon_stats.h
weftd_SOURCES += %D%/daemon_view.c
weftd_LDADD = $(cmd_link)
