# The files of src/process: one line for each pair.
noinst_LIBRARIES += libprocess.a
libprocess_a_SOURCES =
libprocess_a_SOURCES += %D%/access.c %D%/access.h
libprocess_a_SOURCES += %D%/confine.c %D%/confine.h
libprocess_a_SOURCES += %D%/limits.c %D%/limits.h
libprocess_a_SOURCES += %D%/notify.c %D%/notify.h
libprocess_a_SOURCES += %D%/privileges.c %D%/privileges.h
libprocess_a_SOURCES += %D%/report.c %D%/report.h
