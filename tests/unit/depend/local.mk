# The unit tests of src/depend: one program for each source file.

check_PROGRAMS += %D%/test_choice
tests_unit_depend_test_choice_SOURCES = %D%/test_choice.c %D%/kit.h
tests_unit_depend_test_choice_LDADD = $(unit_depend)

check_PROGRAMS += %D%/test_depend
tests_unit_depend_test_depend_SOURCES = %D%/test_depend.c %D%/kit.h $(unit_memory)
tests_unit_depend_test_depend_LDADD = $(unit_depend)
tests_unit_depend_test_depend_LDFLAGS = $(unit_memory_flags)
