# The files of src/push: one line for each pair.
noinst_LIBRARIES += libpush.a
libpush_a_SOURCES =
libpush_a_SOURCES += %D%/change.c %D%/change.h
libpush_a_SOURCES += %D%/delivery.c %D%/delivery.h
libpush_a_SOURCES += %D%/group.c %D%/group.h
libpush_a_SOURCES += %D%/index.c %D%/index.h
libpush_a_SOURCES += %D%/initial.c %D%/initial.h
libpush_a_SOURCES += %D%/message.c %D%/message.h
libpush_a_SOURCES += %D%/messages.c %D%/messages.h
libpush_a_SOURCES += %D%/session.c %D%/session.h
libpush_a_SOURCES += %D%/writer.c %D%/writer.h
