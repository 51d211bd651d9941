# The unit tests of src/mdns: one program for each source file.

check_PROGRAMS += %D%/test_changes
tests_unit_mdns_test_changes_SOURCES = %D%/test_changes.c $(unit_memory)
tests_unit_mdns_test_changes_LDADD = $(unit_mdns)
tests_unit_mdns_test_changes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_marker
tests_unit_mdns_test_marker_LDADD = $(unit_mdns)

check_PROGRAMS += %D%/test_rows
tests_unit_mdns_test_rows_LDADD = $(unit_mdns)

check_PROGRAMS += %D%/test_rules
tests_unit_mdns_test_rules_LDADD = $(unit_mdns)

check_PROGRAMS += %D%/test_same
tests_unit_mdns_test_same_LDADD = $(unit_mdns)

check_PROGRAMS += %D%/test_seen
tests_unit_mdns_test_seen_SOURCES = %D%/test_seen.c %D%/browse_kit.c %D%/browse_kit.h $(unit_memory)
tests_unit_mdns_test_seen_LDADD = $(unit_mdns)
tests_unit_mdns_test_seen_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_table
tests_unit_mdns_test_table_SOURCES = %D%/test_table.c $(unit_memory)
tests_unit_mdns_test_table_LDADD = $(unit_mdns)
tests_unit_mdns_test_table_LDFLAGS = $(unit_memory_flags)
