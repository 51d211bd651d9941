# The files of src/client: one line for each pair.
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES =
libclient_a_SOURCES += %D%/backoff.c %D%/backoff.h
libclient_a_SOURCES += %D%/client.c %D%/client.h
libclient_a_SOURCES += %D%/feed.c %D%/feed.h
libclient_a_SOURCES += %D%/interest.c %D%/interest.h
libclient_a_SOURCES += %D%/link.c %D%/link.h
libclient_a_SOURCES += %D%/polling.c %D%/polling.h
libclient_a_SOURCES += %D%/records.c %D%/records.h
libclient_a_SOURCES += %D%/session.c %D%/session.h
