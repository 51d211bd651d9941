# The unit tests of src/resolve: one program for each source file.

check_PROGRAMS += %D%/test_conf
tests_unit_resolve_test_conf_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_events
tests_unit_resolve_test_events_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_lookup
tests_unit_resolve_test_lookup_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_message
tests_unit_resolve_test_message_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_order
tests_unit_resolve_test_order_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_stream
tests_unit_resolve_test_stream_LDADD = $(unit_resolve)

check_PROGRAMS += %D%/test_timer
tests_unit_resolve_test_timer_LDADD = $(unit_resolve)
