# The files of src/service: one line for each pair.
noinst_LIBRARIES += libservice.a
libservice_a_SOURCES =
libservice_a_SOURCES += %D%/browse.c %D%/browse.h
libservice_a_SOURCES += %D%/change.c %D%/change.h
libservice_a_SOURCES += %D%/child.c %D%/child.h
libservice_a_SOURCES += %D%/connect.c %D%/connect.h
libservice_a_SOURCES += %D%/context.c %D%/context.h
libservice_a_SOURCES += %D%/export.c %D%/export.h
libservice_a_SOURCES += %D%/format.c %D%/format.h
libservice_a_SOURCES += %D%/lines.c %D%/lines.h
libservice_a_SOURCES += %D%/loop.c %D%/loop.h
libservice_a_SOURCES += %D%/names.c %D%/names.h
libservice_a_SOURCES += %D%/register.c %D%/register.h
libservice_a_SOURCES += %D%/relay.c %D%/relay.h
libservice_a_SOURCES += %D%/show.c %D%/show.h
libservice_a_SOURCES += %D%/types.c %D%/types.h
libservice_a_SOURCES += %D%/variables.c %D%/variables.h
