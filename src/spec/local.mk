# The files of src/spec: one line for each pair.
noinst_LIBRARIES += libspec.a
libspec_a_SOURCES =
libspec_a_SOURCES += %D%/check.c %D%/check.h
libspec_a_SOURCES += %D%/diff.c %D%/diff.h
libspec_a_SOURCES += %D%/expand.c %D%/expand.h
libspec_a_SOURCES += %D%/file.c %D%/file.h
libspec_a_SOURCES += %D%/instance.c %D%/instance.h
libspec_a_SOURCES += %D%/json.c %D%/json.h
libspec_a_SOURCES += %D%/parameters.c %D%/parameters.h
libspec_a_SOURCES += %D%/rdata.c %D%/rdata.h
libspec_a_SOURCES += %D%/service.c %D%/service.h
libspec_a_SOURCES += %D%/table.c %D%/table.h
libspec_a_SOURCES += %D%/type.c %D%/type.h
libspec_a_SOURCES += %D%/version.c %D%/version.h
