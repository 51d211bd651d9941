# The files of src/find: one line for each pair.
noinst_LIBRARIES += libfind.a
libfind_a_SOURCES =
libfind_a_SOURCES += %D%/answer.c %D%/answer.h
libfind_a_SOURCES += %D%/assemble.c %D%/assemble.h
libfind_a_SOURCES += %D%/cache.c %D%/cache.h
libfind_a_SOURCES += %D%/find.c %D%/find.h %D%/find_priv.h
libfind_a_SOURCES += %D%/gather.c %D%/gather.h
libfind_a_SOURCES += %D%/instance.c %D%/instance.h
libfind_a_SOURCES += %D%/lookup.c
libfind_a_SOURCES += %D%/name.c %D%/name.h
libfind_a_SOURCES += %D%/order.c %D%/order.h
libfind_a_SOURCES += %D%/question.c %D%/question.h
libfind_a_SOURCES += %D%/route.c %D%/route.h
libfind_a_SOURCES += %D%/rrset.c %D%/rrset.h
