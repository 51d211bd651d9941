# The files of src/tool: one line for each pair.
bin_PROGRAMS += weft
weft_SOURCES =
weft_SOURCES += %D%/backup.c %D%/backup.h
weft_SOURCES += %D%/cert.c %D%/cert.h
weft_SOURCES += %D%/complete.c %D%/complete.h
weft_SOURCES += %D%/fabric.c %D%/fabric.h
weft_SOURCES += %D%/follow.c %D%/follow.h
weft_SOURCES += %D%/help.c %D%/help.h
weft_SOURCES += %D%/import.c %D%/import.h
weft_SOURCES += %D%/key.c %D%/key.h
weft_SOURCES += %D%/main.c
weft_SOURCES += %D%/server.c %D%/server.h
weft_SOURCES += %D%/store.c %D%/store.h
weft_SOURCES += %D%/subscribe.c %D%/subscribe.h
weft_SOURCES += %D%/watch.c %D%/watch.h
weft_LDADD = $(tool_link)
