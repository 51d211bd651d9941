# The files of src/registrant: one line for each pair.
noinst_LIBRARIES += libregistrant.a
libregistrant_a_SOURCES =
libregistrant_a_SOURCES += %D%/registrant.h
