# The files of src/base: one line for each pair.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES =
libbase_a_SOURCES += %D%/address.c %D%/address.h
libbase_a_SOURCES += %D%/arena.c %D%/arena.h
libbase_a_SOURCES += %D%/buf.h
libbase_a_SOURCES += %D%/clock.h
libbase_a_SOURCES += %D%/error.c %D%/error.h
libbase_a_SOURCES += %D%/grow.h
libbase_a_SOURCES += %D%/hash.h
libbase_a_SOURCES += %D%/location.h
libbase_a_SOURCES += %D%/log.c %D%/log.h
libbase_a_SOURCES += %D%/pages.c %D%/pages.h
libbase_a_SOURCES += %D%/prefault.c %D%/prefault.h
libbase_a_SOURCES += %D%/queue.h
libbase_a_SOURCES += %D%/rcu.c %D%/rcu.h
libbase_a_SOURCES += %D%/secret.c %D%/secret.h
libbase_a_SOURCES += %D%/slab.c %D%/slab.h
