# The unit tests of src/client: one program for each source file.

check_PROGRAMS += %D%/test_backoff
tests_unit_client_test_backoff_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_interest
tests_unit_client_test_interest_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_message
tests_unit_client_test_message_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_order
tests_unit_client_test_order_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_records
tests_unit_client_test_records_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_resolv
tests_unit_client_test_resolv_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_session
tests_unit_client_test_session_LDADD = $(unit_client)
