# The files of src/control: one line for each pair.
noinst_LIBRARIES += libcontrol.a
libcontrol_a_SOURCES =
libcontrol_a_SOURCES += %D%/server.c %D%/server.h
