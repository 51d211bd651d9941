# The files of src/server: one line for each pair.
noinst_LIBRARIES += libserver.a
libserver_a_SOURCES =
libserver_a_SOURCES += %D%/control.c %D%/control.h
