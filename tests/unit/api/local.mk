# The unit tests of src/api: one program for each source file.
unit_api_kit = %D%/kit.c %D%/kit.h $(unit_memory)

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

check_PROGRAMS += %D%/test_connect
tests_unit_api_test_connect_SOURCES = %D%/test_connect.c $(unit_api_kit)
tests_unit_api_test_connect_LDADD = $(unit_api)
tests_unit_api_test_connect_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_description
tests_unit_api_test_description_SOURCES = %D%/test_description.c $(unit_memory)
tests_unit_api_test_description_LDADD = $(unit_api)
tests_unit_api_test_description_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_find
tests_unit_api_test_find_SOURCES = %D%/test_find.c $(unit_api_kit)
tests_unit_api_test_find_LDADD = $(unit_api)
tests_unit_api_test_find_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_registration
tests_unit_api_test_registration_SOURCES = %D%/test_registration.c $(unit_api_kit)
tests_unit_api_test_registration_LDADD = $(unit_api)
tests_unit_api_test_registration_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_watch
tests_unit_api_test_watch_SOURCES = %D%/test_watch.c $(unit_api_kit)
tests_unit_api_test_watch_LDADD = $(unit_api)
tests_unit_api_test_watch_LDFLAGS = $(unit_memory_flags)
