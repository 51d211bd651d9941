# The unit tests of src/answer: one program for each source file.

check_PROGRAMS += %D%/test_answer
tests_unit_answer_test_answer_SOURCES = %D%/test_answer.c %D%/kit.h
tests_unit_answer_test_answer_LDADD = $(unit_answer)

check_PROGRAMS += %D%/test_whoami
tests_unit_answer_test_whoami_SOURCES = %D%/test_whoami.c %D%/kit.h
tests_unit_answer_test_whoami_LDADD = $(unit_answer)
