# The files of src/weftd: one line for each pair.
sbin_PROGRAMS += weftd
weftd_SOURCES =
weftd_SOURCES += %D%/access.c %D%/access.h
weftd_SOURCES += %D%/check.c %D%/check.h
weftd_SOURCES += %D%/confine.c %D%/confine.h
weftd_SOURCES += %D%/loop.c %D%/loop.h
weftd_SOURCES += %D%/main.c
weftd_SOURCES += %D%/metrics.c %D%/metrics.h
weftd_SOURCES += %D%/start.c %D%/start.h
weftd_LDADD = $(weftd_link)
