# The files of src/store: one line for each pair.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES =
libstore_a_SOURCES += %D%/engine.h
libstore_a_SOURCES += %D%/store.c %D%/store.h
