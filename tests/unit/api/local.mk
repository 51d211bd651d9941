# The unit tests of src/api: one program for each source file.

check_PROGRAMS += %D%/test_context
tests_unit_api_test_context_SOURCES = %D%/test_context.c $(unit_memory)
tests_unit_api_test_context_LDADD = $(unit_api)
tests_unit_api_test_context_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_error
tests_unit_api_test_error_LDADD = $(unit_api)

check_PROGRAMS += %D%/test_load
tests_unit_api_test_load_SOURCES = %D%/test_load.c $(unit_memory)
tests_unit_api_test_load_LDADD = $(unit_api)
tests_unit_api_test_load_LDFLAGS = $(unit_memory_flags)
