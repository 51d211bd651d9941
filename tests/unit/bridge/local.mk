# The unit tests of src/bridge: one program for each source file.

check_PROGRAMS += %D%/test_changes
tests_unit_bridge_test_changes_SOURCES = %D%/test_changes.c $(unit_memory)
tests_unit_bridge_test_changes_LDADD = $(unit_bridge)
tests_unit_bridge_test_changes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_rows
tests_unit_bridge_test_rows_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_same
tests_unit_bridge_test_same_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_adverts
tests_unit_bridge_test_adverts_SOURCES = %D%/test_adverts.c %D%/adverts_kit.h %D%/lan_kit.c \
	%D%/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_bridge_test_adverts_LDADD = $(unit_bridge)
tests_unit_bridge_test_adverts_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_marker
tests_unit_bridge_test_marker_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_names
tests_unit_bridge_test_names_SOURCES = %D%/test_names.c $(unit_folder) $(unit_memory)
tests_unit_bridge_test_names_LDADD = $(unit_bridge)
tests_unit_bridge_test_names_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_rules
tests_unit_bridge_test_rules_LDADD = $(unit_bridge)
