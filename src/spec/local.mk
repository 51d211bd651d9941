# The files of src/spec: one line for each pair.
noinst_LIBRARIES += libspec.a
libspec_a_SOURCES =
libspec_a_SOURCES += %D%/diff.h
libspec_a_SOURCES += %D%/expand.h
libspec_a_SOURCES += %D%/file.h
libspec_a_SOURCES += %D%/instance.c %D%/instance.h
libspec_a_SOURCES += %D%/json.h
libspec_a_SOURCES += %D%/parameters.h
libspec_a_SOURCES += %D%/rdata.c %D%/rdata.h
libspec_a_SOURCES += %D%/service.c %D%/service.h
libspec_a_SOURCES += %D%/version.h
