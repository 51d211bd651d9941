# The files of src/hosting: one line for each pair.
noinst_LIBRARIES += libhosting.a
libhosting_a_SOURCES =
libhosting_a_SOURCES += %D%/files.c %D%/files.h
libhosting_a_SOURCES += %D%/hosting.c %D%/hosting.h
libhosting_a_SOURCES += %D%/jobs.c %D%/jobs.h
libhosting_a_SOURCES += %D%/merge.c %D%/merge.h
