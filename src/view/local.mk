# The files of src/view: one line for each pair.
noinst_LIBRARIES += libview.a
libview_a_SOURCES =
libview_a_SOURCES += %D%/browse.c
libview_a_SOURCES += %D%/check.c
libview_a_SOURCES += %D%/drain.c
libview_a_SOURCES += %D%/instance.c %D%/instance.h
libview_a_SOURCES += %D%/mark.c
libview_a_SOURCES += %D%/reserve.c %D%/reserve.h
libview_a_SOURCES += %D%/reverse.c
libview_a_SOURCES += %D%/suspect.c
libview_a_SOURCES += %D%/type_srv.c
libview_a_SOURCES += %D%/view.c %D%/view.h %D%/view_priv.h
