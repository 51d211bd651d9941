# The files of src/answer: one line for each pair.
noinst_LIBRARIES += libanswer.a
libanswer_a_SOURCES =
libanswer_a_SOURCES += %D%/additional.c
libanswer_a_SOURCES += %D%/answer.c %D%/answer.h %D%/answer_priv.h
libanswer_a_SOURCES += %D%/lookup.c %D%/lookup.h
libanswer_a_SOURCES += %D%/rrset.c
libanswer_a_SOURCES += %D%/whoami.c
