# The files of src/server: one line for each pair.
noinst_LIBRARIES += libserver.a
libserver_a_SOURCES =
libserver_a_SOURCES += %D%/changes.c %D%/changes.h
libserver_a_SOURCES += %D%/channel.h
libserver_a_SOURCES += %D%/query.c %D%/query.h
libserver_a_SOURCES += %D%/refuse.c %D%/refuse.h
libserver_a_SOURCES += %D%/request.c %D%/request.h
libserver_a_SOURCES += %D%/rules.c %D%/rules.h
libserver_a_SOURCES += %D%/server.c %D%/server.h
libserver_a_SOURCES += %D%/stats.h
libserver_a_SOURCES += %D%/transfer.c %D%/transfer.h
libserver_a_SOURCES += %D%/turn.h
libserver_a_SOURCES += %D%/udp.c %D%/udp.h
libserver_a_SOURCES += %D%/update.c %D%/update.h
libserver_a_SOURCES += %D%/worker.c %D%/worker.h
