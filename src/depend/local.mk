# The files of src/depend: one line for each pair.
noinst_LIBRARIES += libdepend.a
libdepend_a_SOURCES =
libdepend_a_SOURCES += %D%/choice.c %D%/choice.h
libdepend_a_SOURCES += %D%/depend.c %D%/depend.h
