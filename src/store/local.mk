# The files of src/store: one line for each pair.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES =
libstore_a_SOURCES += %D%/blocks.c %D%/blocks.h
libstore_a_SOURCES += %D%/checkpoint.c
libstore_a_SOURCES += %D%/engine.h
libstore_a_SOURCES += %D%/history.c %D%/history.h
libstore_a_SOURCES += %D%/image.c %D%/image.h
libstore_a_SOURCES += %D%/io.c %D%/io.h
libstore_a_SOURCES += %D%/journal.c %D%/journal_priv.h
libstore_a_SOURCES += %D%/keep.c
libstore_a_SOURCES += %D%/notes.c %D%/notes.h
libstore_a_SOURCES += %D%/record.c %D%/record.h
libstore_a_SOURCES += %D%/recover.c
libstore_a_SOURCES += %D%/scan.c %D%/scan.h
libstore_a_SOURCES += %D%/segment.c %D%/segment.h
libstore_a_SOURCES += %D%/store.c %D%/store.h
libstore_a_SOURCES += %D%/tool.c %D%/tool.h
