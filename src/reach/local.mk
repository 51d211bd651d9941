# The files of src/reach: one line for each pair.
noinst_LIBRARIES += libreach.a
libreach_a_SOURCES =
libreach_a_SOURCES += %D%/memory.h
libreach_a_SOURCES += %D%/reach.h
