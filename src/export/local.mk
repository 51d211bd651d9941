# The files of src/export: one line for each pair.
noinst_LIBRARIES += libexport.a
libexport_a_SOURCES =
libexport_a_SOURCES += %D%/export.c %D%/export.h
libexport_a_SOURCES += %D%/format.c %D%/format.h
libexport_a_SOURCES += %D%/input.c %D%/input.h
libexport_a_SOURCES += %D%/proxies.c %D%/proxies.h
libexport_a_SOURCES += %D%/targets.c %D%/targets.h
