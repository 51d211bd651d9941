# The files of src/follow: one line for each pair.
noinst_LIBRARIES += libfollow.a
libfollow_a_SOURCES =
libfollow_a_SOURCES += %D%/entry.c %D%/entry.h
libfollow_a_SOURCES += %D%/event.h
libfollow_a_SOURCES += %D%/follow.c %D%/follow.h
libfollow_a_SOURCES += %D%/host.c %D%/host.h
libfollow_a_SOURCES += %D%/item.c %D%/item.h
libfollow_a_SOURCES += %D%/node.c %D%/node.h
libfollow_a_SOURCES += %D%/shown.c %D%/shown.h
libfollow_a_SOURCES += %D%/track.c %D%/track.h
libfollow_a_SOURCES += %D%/watch.c %D%/watch.h
