# The files of src/undo: one line for each pair.
noinst_LIBRARIES += libundo.a
libundo_a_SOURCES =
libundo_a_SOURCES += %D%/list.c %D%/list.h
libundo_a_SOURCES += %D%/names.c %D%/names.h
libundo_a_SOURCES += %D%/pairs.c %D%/pairs.h
libundo_a_SOURCES += %D%/table.c %D%/table.h
