# The unit tests of src/bridge: one program for each source file.

check_PROGRAMS += %D%/test_changes
tests_unit_bridge_test_changes_SOURCES = %D%/test_changes.c $(unit_memory)
tests_unit_bridge_test_changes_LDADD = $(unit_bridge)
tests_unit_bridge_test_changes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_discover
tests_unit_bridge_test_discover_SOURCES = %D%/test_discover.c %D%/browse_kit.c %D%/browse_kit.h tests/unit/registry/engine.h $(unit_kit)
tests_unit_bridge_test_discover_LDADD = $(unit_bridge)
tests_unit_bridge_test_discover_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_translate
tests_unit_bridge_test_translate_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_seen
tests_unit_bridge_test_seen_SOURCES = %D%/test_seen.c %D%/browse_kit.c %D%/browse_kit.h $(unit_memory)
tests_unit_bridge_test_seen_LDADD = $(unit_bridge)
tests_unit_bridge_test_seen_LDFLAGS = $(unit_memory_flags)

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

check_PROGRAMS += %D%/test_table
tests_unit_bridge_test_table_SOURCES = %D%/test_table.c $(unit_memory)
tests_unit_bridge_test_table_LDADD = $(unit_bridge)
tests_unit_bridge_test_table_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_writer
tests_unit_bridge_test_writer_SOURCES = %D%/test_writer.c tests/unit/registry/engine.h $(unit_kit)
tests_unit_bridge_test_writer_LDADD = $(unit_bridge)
tests_unit_bridge_test_writer_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_advert
tests_unit_bridge_test_advert_SOURCES = %D%/test_advert.c %D%/adverts_kit.h %D%/lan_kit.c \
	%D%/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_bridge_test_advert_LDADD = $(unit_bridge)
tests_unit_bridge_test_advert_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_advert_types
tests_unit_bridge_test_advert_types_SOURCES = %D%/test_advert_types.c %D%/adverts_kit.h %D%/lan_kit.c \
	%D%/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_bridge_test_advert_types_LDADD = $(unit_bridge)
tests_unit_bridge_test_advert_types_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_targets
tests_unit_bridge_test_targets_SOURCES = %D%/test_targets.c %D%/adverts_kit.h %D%/lan_kit.c \
	%D%/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_bridge_test_targets_LDADD = $(unit_bridge)
tests_unit_bridge_test_targets_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_registered
tests_unit_bridge_test_registered_SOURCES = %D%/test_registered.c %D%/adverts_kit.h %D%/lan_kit.c \
	%D%/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_bridge_test_registered_LDADD = $(unit_bridge)
tests_unit_bridge_test_registered_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_alternatives
tests_unit_bridge_test_alternatives_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_records
tests_unit_bridge_test_records_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_source
tests_unit_bridge_test_source_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_waits
tests_unit_bridge_test_waits_SOURCES = %D%/test_waits.c %D%/lan_kit.c %D%/lan_kit.h
tests_unit_bridge_test_waits_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_twins
tests_unit_bridge_test_twins_SOURCES = %D%/test_twins.c %D%/lan_kit.c %D%/lan_kit.h
tests_unit_bridge_test_twins_LDADD = $(unit_bridge)

check_PROGRAMS += %D%/test_places
tests_unit_bridge_test_places_SOURCES = %D%/test_places.c %D%/lan_kit.c %D%/lan_kit.h
tests_unit_bridge_test_places_LDADD = $(unit_bridge)
