# The files of src/text: one line for each pair.
noinst_LIBRARIES += libtext.a
libtext_a_SOURCES =
libtext_a_SOURCES += %D%/check.c %D%/check.h
libtext_a_SOURCES += %D%/foreign.c %D%/foreign.h
libtext_a_SOURCES += %D%/generate.c %D%/generate.h
libtext_a_SOURCES += %D%/rdata_text.c %D%/rdata_text.h
libtext_a_SOURCES += %D%/token.c %D%/token.h
libtext_a_SOURCES += %D%/zonefile.c %D%/zonefile.h
libtext_a_SOURCES += %D%/zonefile_write.c
