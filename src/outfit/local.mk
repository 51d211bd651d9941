# The files of src/outfit: one line for each pair.
noinst_LIBRARIES += liboutfit.a
liboutfit_a_SOURCES =
liboutfit_a_SOURCES += %D%/action.c %D%/action.h
liboutfit_a_SOURCES += %D%/environment.c %D%/environment.h
liboutfit_a_SOURCES += %D%/folder.c %D%/folder.h
liboutfit_a_SOURCES += %D%/known.c %D%/known.h
liboutfit_a_SOURCES += %D%/lock.c %D%/lock.h
liboutfit_a_SOURCES += %D%/outfit.c %D%/outfit.h
liboutfit_a_SOURCES += %D%/plan.c %D%/plan.h
liboutfit_a_SOURCES += %D%/ports.c %D%/ports.h
liboutfit_a_SOURCES += %D%/secrets.c %D%/secrets.h
liboutfit_a_SOURCES += %D%/target.c %D%/target.h
liboutfit_a_SOURCES += %D%/waste.c %D%/waste.h
