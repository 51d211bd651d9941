# The unit tests of src/bridge: one program for each source file.

check_PROGRAMS += %D%/test_changes
tests_unit_bridge_test_changes_SOURCES = %D%/test_changes.c $(unit_memory)
tests_unit_bridge_test_changes_LDADD = $(unit_bridge)
tests_unit_bridge_test_changes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_rows
tests_unit_bridge_test_rows_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_same
tests_unit_bridge_test_same_LDADD = $(unit_bridge)
