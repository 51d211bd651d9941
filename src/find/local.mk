# The files of src/find: one line for each pair.
noinst_LIBRARIES += libfind.a
libfind_a_SOURCES =
libfind_a_SOURCES += %D%/find.h
libfind_a_SOURCES += %D%/instance.c %D%/instance.h
libfind_a_SOURCES += %D%/name.c %D%/name.h
libfind_a_SOURCES += %D%/order.c %D%/order.h
libfind_a_SOURCES += %D%/watch.h
