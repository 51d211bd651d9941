# The files of src/server: one line for each pair.
noinst_LIBRARIES += libserver.a
libserver_a_SOURCES =
libserver_a_SOURCES += %D%/control.c %D%/control.h
libserver_a_SOURCES += %D%/limit.c %D%/limit.h
libserver_a_SOURCES += %D%/query.c %D%/query.h
libserver_a_SOURCES += %D%/server.c %D%/server.h
libserver_a_SOURCES += %D%/stats.h
libserver_a_SOURCES += %D%/udp.c
libserver_a_SOURCES += %D%/view.c %D%/view.h
libserver_a_SOURCES += %D%/worker.c %D%/worker.h
