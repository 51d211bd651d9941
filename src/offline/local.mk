# The files of src/offline: one line for each pair.
noinst_LIBRARIES += liboffline.a
liboffline_a_SOURCES =
liboffline_a_SOURCES += %D%/check.c %D%/check.h
liboffline_a_SOURCES += %D%/export.c %D%/export.h
liboffline_a_SOURCES += %D%/look.c %D%/look.h
liboffline_a_SOURCES += %D%/restore.c %D%/restore.h
