# The files of src/journal: one line for each pair.
noinst_LIBRARIES += libjournal.a
libjournal_a_SOURCES =
libjournal_a_SOURCES += %D%/blocks.c %D%/blocks.h
libjournal_a_SOURCES += %D%/checkpoint.c
libjournal_a_SOURCES += %D%/history.c %D%/history.h
libjournal_a_SOURCES += %D%/image.c %D%/image.h
libjournal_a_SOURCES += %D%/io.c %D%/io.h
libjournal_a_SOURCES += %D%/items.c %D%/items.h
libjournal_a_SOURCES += %D%/journal.c %D%/journal.h %D%/journal_priv.h
libjournal_a_SOURCES += %D%/reclaim.c
libjournal_a_SOURCES += %D%/record.c %D%/record.h
libjournal_a_SOURCES += %D%/recover.c
libjournal_a_SOURCES += %D%/scan.c %D%/scan.h
libjournal_a_SOURCES += %D%/segment.c %D%/segment.h
libjournal_a_SOURCES += %D%/system.c %D%/system.h
libjournal_a_SOURCES += %D%/tool.c %D%/tool.h
