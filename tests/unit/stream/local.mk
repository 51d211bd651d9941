# The unit tests of src/stream: one program for each source file.

check_PROGRAMS += %D%/test_clients
tests_unit_stream_test_clients_LDADD = $(unit_stream)

check_PROGRAMS += %D%/test_send
tests_unit_stream_test_send_SOURCES = %D%/test_send.c $(unit_memory)
tests_unit_stream_test_send_LDADD = $(unit_stream)
tests_unit_stream_test_send_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_tcp
tests_unit_stream_test_tcp_SOURCES = %D%/test_tcp.c tests/unit/server/kit.h
tests_unit_stream_test_tcp_LDADD = $(unit_stream)
