# The files of src/locate: one line for each pair.
noinst_LIBRARIES += liblocate.a
liblocate_a_SOURCES =
liblocate_a_SOURCES += %D%/ask.h
liblocate_a_SOURCES += %D%/exchange.h
liblocate_a_SOURCES += %D%/locate.h
