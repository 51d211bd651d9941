# The files of src/history: one line for each pair.
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES =
libhistory_a_SOURCES += %D%/content.c %D%/content.h
libhistory_a_SOURCES += %D%/event.c %D%/event.h
libhistory_a_SOURCES += %D%/file.c %D%/file.h
libhistory_a_SOURCES += %D%/history.c %D%/history.h
libhistory_a_SOURCES += %D%/kept.c %D%/kept.h
libhistory_a_SOURCES += %D%/message.c %D%/message.h
libhistory_a_SOURCES += %D%/sender.c %D%/sender.h
