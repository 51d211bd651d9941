# The files of src/cli: one line for each pair.
bin_PROGRAMS += weft
weft_SOURCES =
weft_SOURCES += %D%/backup.c %D%/backup.h
weft_SOURCES += %D%/cli.h
weft_SOURCES += %D%/complete.c %D%/complete.h
weft_SOURCES += %D%/conf.c %D%/conf.h
weft_SOURCES += %D%/control.c %D%/control.h
weft_SOURCES += %D%/error.c %D%/error.h
weft_SOURCES += %D%/events.c %D%/events.h
weft_SOURCES += %D%/fabric.c %D%/fabric.h
weft_SOURCES += %D%/key.c %D%/key.h
weft_SOURCES += %D%/main.c
weft_SOURCES += %D%/output.c %D%/output.h
weft_SOURCES += %D%/passphrase.c %D%/passphrase.h
weft_SOURCES += %D%/show.c %D%/show.h
weft_SOURCES += %D%/store.c %D%/store.h
weft_LDADD = $(cli_link)
