# The files of src/settings: one line for each pair.
noinst_LIBRARIES += libsettings.a
libsettings_a_SOURCES =
libsettings_a_SOURCES += %D%/compare.c
libsettings_a_SOURCES += %D%/fabric.c
libsettings_a_SOURCES += %D%/key.c
libsettings_a_SOURCES += %D%/mdns.c
libsettings_a_SOURCES += %D%/settings.c %D%/settings.h %D%/settings_priv.h
libsettings_a_SOURCES += %D%/table.c
libsettings_a_SOURCES += %D%/tls.c
libsettings_a_SOURCES += %D%/types.c
libsettings_a_SOURCES += %D%/zone.c
