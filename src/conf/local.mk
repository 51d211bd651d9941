# The files of src/conf: one line for each pair.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES =
libconf_a_SOURCES += %D%/setting.c %D%/setting.h
libconf_a_SOURCES += %D%/setting_type.c
