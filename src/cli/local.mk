# The files of src/cli: one line for each pair.
bin_PROGRAMS += weft
weft_SOURCES =
weft_SOURCES += %D%/cli.h
weft_SOURCES += %D%/control.c
weft_SOURCES += %D%/fabric.c
weft_SOURCES += %D%/key.c
weft_SOURCES += %D%/main.c
weft_SOURCES += %D%/passphrase.c
weft_SOURCES += %D%/show.c
weft_SOURCES += %D%/store.c
weft_LDADD = $(cli_link)
