# The files of src/stream: one line for each pair.
noinst_LIBRARIES += libstream.a
libstream_a_SOURCES =
libstream_a_SOURCES += %D%/clients.c %D%/clients.h
libstream_a_SOURCES += %D%/connection.c
libstream_a_SOURCES += %D%/deliver.c
libstream_a_SOURCES += %D%/dso.c %D%/dso.h
libstream_a_SOURCES += %D%/handshake.c %D%/handshake.h
libstream_a_SOURCES += %D%/fill.c
libstream_a_SOURCES += %D%/pool.c
libstream_a_SOURCES += %D%/push.c %D%/push.h %D%/push_priv.h
libstream_a_SOURCES += %D%/send.c
libstream_a_SOURCES += %D%/slice.c
libstream_a_SOURCES += %D%/stream_priv.h
libstream_a_SOURCES += %D%/tcp.c %D%/tcp.h
libstream_a_SOURCES += %D%/tls.c %D%/tls.h
libstream_a_SOURCES += %D%/transfer.c
libstream_a_SOURCES += %D%/turn.c
