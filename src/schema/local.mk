# The files of src/schema: one line for each pair.
noinst_LIBRARIES += libschema.a
libschema_a_SOURCES =
libschema_a_SOURCES += %D%/check.c
libschema_a_SOURCES += %D%/pattern.c %D%/pattern.h
libschema_a_SOURCES += %D%/pointer.c %D%/pointer.h
libschema_a_SOURCES += %D%/schema.c %D%/schema.h %D%/schema_priv.h
libschema_a_SOURCES += %D%/value.c %D%/value.h
