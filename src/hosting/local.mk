# The files of src/hosting: one line for each pair.
noinst_LIBRARIES += libhosting.a
libhosting_a_SOURCES =
libhosting_a_SOURCES += %D%/baseline.c %D%/baseline.h
libhosting_a_SOURCES += %D%/checkpoint.c %D%/checkpoint.h
libhosting_a_SOURCES += %D%/files.c %D%/files.h
libhosting_a_SOURCES += %D%/hosting.c %D%/hosting.h
libhosting_a_SOURCES += %D%/jobs.c %D%/jobs.h
libhosting_a_SOURCES += %D%/load.c %D%/load.h
libhosting_a_SOURCES += %D%/merge.c %D%/merge.h
libhosting_a_SOURCES += %D%/merging.c %D%/merging.h
libhosting_a_SOURCES += %D%/purge.c %D%/purge.h
libhosting_a_SOURCES += %D%/record.c %D%/record.h
libhosting_a_SOURCES += %D%/reload.c %D%/reload.h
libhosting_a_SOURCES += %D%/restore.c %D%/restore.h
