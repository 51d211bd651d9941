# The files of src/cli: one line for each pair.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES =
libcli_a_SOURCES += %D%/cli.h
libcli_a_SOURCES += %D%/conf.c %D%/conf.h
libcli_a_SOURCES += %D%/error.c %D%/error.h
libcli_a_SOURCES += %D%/fail.c %D%/fail.h
libcli_a_SOURCES += %D%/form.c %D%/form.h
libcli_a_SOURCES += %D%/output.c %D%/output.h
libcli_a_SOURCES += %D%/passphrase.c %D%/passphrase.h
libcli_a_SOURCES += %D%/screen.c %D%/screen.h
libcli_a_SOURCES += %D%/show.c %D%/show.h
libcli_a_SOURCES += %D%/socket.c %D%/socket.h
libcli_a_SOURCES += %D%/table.c %D%/table.h
libcli_a_SOURCES += %D%/text.c %D%/text.h
