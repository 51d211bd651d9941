# The files of src/outfit: one line for each pair.
noinst_LIBRARIES += liboutfit.a
liboutfit_a_SOURCES =
liboutfit_a_SOURCES += %D%/lock.h
liboutfit_a_SOURCES += %D%/outfit.h
liboutfit_a_SOURCES += %D%/ports.h
