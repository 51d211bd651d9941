# The files of src/web: one line for each pair.
noinst_LIBRARIES += libweb.a
libweb_a_SOURCES =
libweb_a_SOURCES += %D%/http.c %D%/http.h
libweb_a_SOURCES += %D%/metrics.c %D%/metrics.h
libweb_a_SOURCES += %D%/page.c %D%/page.h
libweb_a_SOURCES += %D%/process.c %D%/process.h
