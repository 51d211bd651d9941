# The unit tests of src/client: one program for each source file.

check_PROGRAMS += %D%/test_backoff
tests_unit_client_test_backoff_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_interest
tests_unit_client_test_interest_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_link
tests_unit_client_test_link_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_records
tests_unit_client_test_records_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_session
tests_unit_client_test_session_LDADD = $(unit_client)

check_PROGRAMS += %D%/test_client
tests_unit_client_test_client_LDADD = $(unit_client)
