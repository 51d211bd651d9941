# The files of src/server: one line for each pair.
noinst_LIBRARIES += libserver.a
libserver_a_SOURCES =
libserver_a_SOURCES += %D%/limit.c %D%/limit.h
libserver_a_SOURCES += %D%/query.c %D%/query.h
libserver_a_SOURCES += %D%/request.c %D%/request.h
libserver_a_SOURCES += %D%/rules.c %D%/rules.h
libserver_a_SOURCES += %D%/server.c %D%/server.h
libserver_a_SOURCES += %D%/stats.h
libserver_a_SOURCES += %D%/tcp.c %D%/tcp.h
libserver_a_SOURCES += %D%/tcp_clients.c %D%/tcp_clients.h
libserver_a_SOURCES += %D%/tcp_connection.c
libserver_a_SOURCES += %D%/tcp_send.c
libserver_a_SOURCES += %D%/transfer.c %D%/transfer.h
libserver_a_SOURCES += %D%/turn.h
libserver_a_SOURCES += %D%/udp.c
libserver_a_SOURCES += %D%/worker.c %D%/worker.h
