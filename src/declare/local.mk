# The files of src/declare: one line for each pair.
noinst_LIBRARIES += libdeclare.a
libdeclare_a_SOURCES =
libdeclare_a_SOURCES += %D%/apply.c %D%/apply.h
libdeclare_a_SOURCES += %D%/command.c %D%/command.h
libdeclare_a_SOURCES += %D%/commit.c %D%/commit.h
libdeclare_a_SOURCES += %D%/future.c %D%/future.h
libdeclare_a_SOURCES += %D%/message.c %D%/message.h
libdeclare_a_SOURCES += %D%/names.c %D%/names.h
libdeclare_a_SOURCES += %D%/place.c %D%/place.h
libdeclare_a_SOURCES += %D%/plan.c %D%/plan.h
libdeclare_a_SOURCES += %D%/remove.c %D%/remove.h
libdeclare_a_SOURCES += %D%/schemas.c %D%/schemas.h
libdeclare_a_SOURCES += %D%/show.c %D%/show.h
libdeclare_a_SOURCES += %D%/zone.c %D%/zone.h
