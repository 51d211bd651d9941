# The files of src/registry: one line for each pair.
noinst_LIBRARIES += libregistry.a
libregistry_a_SOURCES =
libregistry_a_SOURCES += %D%/audit.c %D%/audit.h
libregistry_a_SOURCES += %D%/batch.c
libregistry_a_SOURCES += %D%/finish.c %D%/finish.h
libregistry_a_SOURCES += %D%/ledger.c %D%/ledger.h
libregistry_a_SOURCES += %D%/listing.c %D%/listing.h
libregistry_a_SOURCES += %D%/registrar.c %D%/registrar.h %D%/registrar_priv.h
