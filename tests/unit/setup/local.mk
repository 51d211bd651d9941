# The unit tests of src/setup: one program for each source file.

check_PROGRAMS += %D%/test_snippet
tests_unit_setup_test_snippet_SOURCES = %D%/test_snippet.c
tests_unit_setup_test_snippet_LDADD = $(unit_setup)
