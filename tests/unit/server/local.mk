# The unit tests of src/server: one program for each source file.

check_PROGRAMS += %D%/test_tcp
tests_unit_server_test_tcp_SOURCES = %D%/test_tcp.c %D%/kit.h
tests_unit_server_test_tcp_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_tcp_clients
tests_unit_server_test_tcp_clients_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_transfer
tests_unit_server_test_transfer_SOURCES = %D%/test_transfer.c %D%/kit.h
tests_unit_server_test_transfer_LDADD = $(unit_server)
