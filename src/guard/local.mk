# The files of src/guard: one line for each pair.
noinst_LIBRARIES += libguard.a
libguard_a_SOURCES =
libguard_a_SOURCES += %D%/limit.c %D%/limit.h
libguard_a_SOURCES += %D%/refusals.c %D%/refusals.h
libguard_a_SOURCES += %D%/replay.c %D%/replay.h
