# The files of src/push: one line for each pair.
noinst_LIBRARIES += libpush.a
libpush_a_SOURCES =
libpush_a_SOURCES += %D%/message.c %D%/message.h
libpush_a_SOURCES += %D%/session.c %D%/session.h
