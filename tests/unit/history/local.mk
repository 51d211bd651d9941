# The unit tests of src/history: one program for each source file.

check_PROGRAMS += %D%/test_event
tests_unit_history_test_event_SOURCES = %D%/test_event.c $(unit_memory)
tests_unit_history_test_event_LDADD = $(unit_history)
tests_unit_history_test_event_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_content
tests_unit_history_test_content_LDADD = $(unit_history)

check_PROGRAMS += %D%/test_file
tests_unit_history_test_file_SOURCES = %D%/test_file.c $(unit_folder) $(unit_memory)
tests_unit_history_test_file_LDADD = $(unit_history)
tests_unit_history_test_file_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_kept
tests_unit_history_test_kept_SOURCES = %D%/test_kept.c $(unit_folder)
tests_unit_history_test_kept_LDADD = $(unit_history)

check_PROGRAMS += %D%/test_message
tests_unit_history_test_message_LDADD = $(unit_history)

check_PROGRAMS += %D%/test_history
tests_unit_history_test_history_SOURCES = %D%/test_history.c $(unit_folder) $(unit_memory)
tests_unit_history_test_history_LDADD = $(unit_history)
tests_unit_history_test_history_LDFLAGS = $(unit_memory_flags)
