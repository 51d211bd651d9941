# The files of src/conf: one line for each pair.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES =
libconf_a_SOURCES += %D%/file.c %D%/file.h
libconf_a_SOURCES += %D%/load.c %D%/load.h
libconf_a_SOURCES += %D%/reader.c %D%/reader.h %D%/reader_priv.h
libconf_a_SOURCES += %D%/setting.h
libconf_a_SOURCES += %D%/table.c %D%/table.h
libconf_a_SOURCES += %D%/tree.c %D%/tree.h
libconf_a_SOURCES += %D%/type.c %D%/type.h
