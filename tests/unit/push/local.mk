# The unit tests of src/push: one program for each source file.

check_PROGRAMS += %D%/test_message
tests_unit_push_test_message_SOURCES = %D%/test_message.c $(unit_memory)
tests_unit_push_test_message_LDADD = $(unit_push)
tests_unit_push_test_message_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_session
tests_unit_push_test_session_SOURCES = %D%/test_session.c $(unit_memory)
tests_unit_push_test_session_LDADD = $(unit_push)
tests_unit_push_test_session_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_delivery
tests_unit_push_test_delivery_SOURCES = %D%/test_delivery.c %D%/kit.h $(unit_memory)
tests_unit_push_test_delivery_LDADD = $(unit_push)
tests_unit_push_test_delivery_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_index
tests_unit_push_test_index_SOURCES = %D%/test_index.c %D%/kit.h $(unit_memory)
tests_unit_push_test_index_LDADD = $(unit_push)
tests_unit_push_test_index_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_initial
tests_unit_push_test_initial_SOURCES = %D%/test_initial.c %D%/kit.h $(unit_memory)
tests_unit_push_test_initial_LDADD = $(unit_push)
tests_unit_push_test_initial_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_writer
tests_unit_push_test_writer_SOURCES = %D%/test_writer.c %D%/kit.h $(unit_memory)
tests_unit_push_test_writer_LDADD = $(unit_push)
tests_unit_push_test_writer_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_change
tests_unit_push_test_change_SOURCES = %D%/test_change.c $(unit_memory)
tests_unit_push_test_change_LDADD = $(unit_push)
tests_unit_push_test_change_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_messages
tests_unit_push_test_messages_SOURCES = %D%/test_messages.c $(unit_memory)
tests_unit_push_test_messages_LDADD = $(unit_push)
tests_unit_push_test_messages_LDFLAGS = $(unit_memory_flags)
