# The unit tests of src/push: one program for each source file.

check_PROGRAMS += %D%/test_message
tests_unit_push_test_message_SOURCES = %D%/test_message.c $(unit_memory)
tests_unit_push_test_message_LDADD = $(unit_push)
tests_unit_push_test_message_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_session
tests_unit_push_test_session_SOURCES = %D%/test_session.c $(unit_memory)
tests_unit_push_test_session_LDADD = $(unit_push)
tests_unit_push_test_session_LDFLAGS = $(unit_memory_flags)
