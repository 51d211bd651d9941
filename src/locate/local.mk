# The files of src/locate: one line for each pair.
noinst_LIBRARIES += liblocate.a
liblocate_a_SOURCES =
liblocate_a_SOURCES += %D%/ask.c %D%/ask.h
liblocate_a_SOURCES += %D%/connection.c %D%/connection.h
liblocate_a_SOURCES += %D%/exchange.c %D%/exchange.h
liblocate_a_SOURCES += %D%/known.c %D%/known.h
liblocate_a_SOURCES += %D%/list.c %D%/list.h
liblocate_a_SOURCES += %D%/locate.c %D%/locate.h %D%/locate_priv.h
liblocate_a_SOURCES += %D%/registry.h
