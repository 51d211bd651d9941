# The files of src/registry: one line for each pair.
noinst_LIBRARIES += libregistry.a
libregistry_a_SOURCES =
libregistry_a_SOURCES += %D%/policy.c %D%/policy.h
libregistry_a_SOURCES += %D%/message.c %D%/message.h
libregistry_a_SOURCES += %D%/update.c %D%/update.h
libregistry_a_SOURCES += %D%/files.c %D%/files.h
libregistry_a_SOURCES += %D%/hosted.c %D%/hosted.h
libregistry_a_SOURCES += %D%/merge.c %D%/merge.h
libregistry_a_SOURCES += %D%/keeper.c %D%/keeper.h
libregistry_a_SOURCES += %D%/registrar.c %D%/registrar.h
libregistry_a_SOURCES += %D%/table.c %D%/table.h
libregistry_a_SOURCES += %D%/holds.c %D%/holds.h
libregistry_a_SOURCES += %D%/lease.c %D%/lease.h
libregistry_a_SOURCES += %D%/ledger.c %D%/ledger.h
libregistry_a_SOURCES += %D%/listing.c %D%/listing.h
libregistry_a_SOURCES += %D%/refresh.c %D%/refresh.h
libregistry_a_SOURCES += %D%/ready.c %D%/ready.h
