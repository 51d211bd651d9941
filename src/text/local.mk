# The files of src/text: one line for each pair.
noinst_LIBRARIES += libtext.a
libtext_a_SOURCES =
libtext_a_SOURCES += %D%/check.c %D%/check.h
libtext_a_SOURCES += %D%/foreign.c %D%/foreign.h
libtext_a_SOURCES += %D%/generate.c %D%/generate.h
libtext_a_SOURCES += %D%/rdata_parse.c %D%/rdata_parse.h
libtext_a_SOURCES += %D%/rdata_write.c %D%/rdata_write.h
libtext_a_SOURCES += %D%/record.c %D%/record.h
libtext_a_SOURCES += %D%/source.c %D%/source.h
libtext_a_SOURCES += %D%/token.c %D%/token.h
libtext_a_SOURCES += %D%/value.c %D%/value.h
libtext_a_SOURCES += %D%/words.c %D%/words.h
libtext_a_SOURCES += %D%/zonefile.c %D%/zonefile.h
