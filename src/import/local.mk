# The files of src/import: one line for each pair.
noinst_LIBRARIES += libimport.a
libimport_a_SOURCES =
libimport_a_SOURCES += %D%/bind.c %D%/bind.h
libimport_a_SOURCES += %D%/bind_parse.c %D%/bind_parse.h
libimport_a_SOURCES += %D%/knot.c %D%/knot.h
libimport_a_SOURCES += %D%/knot_parse.c %D%/knot_parse.h
libimport_a_SOURCES += %D%/out.c %D%/out.h
libimport_a_SOURCES += %D%/survey.c %D%/survey.h
libimport_a_SOURCES += %D%/tree.c %D%/tree.h
