# The files of src/schema: one line for each pair.
noinst_LIBRARIES += libschema.a
libschema_a_SOURCES =
libschema_a_SOURCES += %D%/pointer.c %D%/pointer.h
libschema_a_SOURCES += %D%/schema.h
