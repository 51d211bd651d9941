# The unit tests of src/fleet: one program for each source file.

fleet_kit = tests/unit/fleet/kit.c tests/unit/fleet/kit.h $(unit_zone_made)

check_PROGRAMS += %D%/test_cycle
tests_unit_fleet_test_cycle_SOURCES = %D%/test_cycle.c $(fleet_kit)
tests_unit_fleet_test_cycle_LDADD = $(unit_fleet)

check_PROGRAMS += %D%/test_differ
tests_unit_fleet_test_differ_SOURCES = %D%/test_differ.c $(unit_zone_made)
tests_unit_fleet_test_differ_LDADD = $(unit_fleet)

check_PROGRAMS += %D%/test_event
tests_unit_fleet_test_event_SOURCES = %D%/test_event.c $(unit_zone_made)
tests_unit_fleet_test_event_LDADD = $(unit_fleet)

check_PROGRAMS += %D%/test_graph
tests_unit_fleet_test_graph_SOURCES = %D%/test_graph.c $(fleet_kit)
tests_unit_fleet_test_graph_LDADD = $(unit_fleet)

check_PROGRAMS += %D%/test_join
tests_unit_fleet_test_join_SOURCES = %D%/test_join.c $(fleet_kit)
tests_unit_fleet_test_join_LDADD = $(unit_fleet)
