# The files of src/registry: one line for each pair.
noinst_LIBRARIES += libregistry.a
libregistry_a_SOURCES =
libregistry_a_SOURCES += %D%/announce.c %D%/announce.h
libregistry_a_SOURCES += %D%/audit.c %D%/audit.h
libregistry_a_SOURCES += %D%/batch.c %D%/batch.h
libregistry_a_SOURCES += %D%/check.c %D%/check.h
libregistry_a_SOURCES += %D%/hold.c %D%/hold.h
libregistry_a_SOURCES += %D%/intake.c %D%/intake.h
libregistry_a_SOURCES += %D%/items.c %D%/items.h
libregistry_a_SOURCES += %D%/queue.c %D%/queue.h
libregistry_a_SOURCES += %D%/registrar.c %D%/registrar.h
libregistry_a_SOURCES += %D%/request.h
libregistry_a_SOURCES += %D%/round.c %D%/round.h
libregistry_a_SOURCES += %D%/state.c %D%/state.h
libregistry_a_SOURCES += %D%/wide.c %D%/wide.h
libregistry_a_SOURCES += %D%/work.c %D%/work.h
