# The unit tests of src/advertise: one program for each source file.

check_PROGRAMS += %D%/test_advertise
tests_unit_advertise_test_advertise_SOURCES = %D%/test_advertise.c %D%/adverts_kit.h tests/unit/mdns/lan_kit.c \
	tests/unit/mdns/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_advertise_test_advertise_LDADD = $(unit_advertise)
tests_unit_advertise_test_advertise_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_alternatives
tests_unit_advertise_test_alternatives_LDADD = $(unit_advertise)

check_PROGRAMS += %D%/test_names
tests_unit_advertise_test_names_SOURCES = %D%/test_names.c $(unit_folder) $(unit_memory)
tests_unit_advertise_test_names_LDADD = $(unit_advertise)
tests_unit_advertise_test_names_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_phases
tests_unit_advertise_test_phases_SOURCES = %D%/test_phases.c %D%/adverts_kit.h tests/unit/mdns/lan_kit.c \
	tests/unit/mdns/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_advertise_test_phases_LDADD = $(unit_advertise)
tests_unit_advertise_test_phases_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_records
tests_unit_advertise_test_records_LDADD = $(unit_advertise)

check_PROGRAMS += %D%/test_registered
tests_unit_advertise_test_registered_SOURCES = %D%/test_registered.c %D%/adverts_kit.h tests/unit/mdns/lan_kit.c \
	tests/unit/mdns/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_advertise_test_registered_LDADD = $(unit_advertise)
tests_unit_advertise_test_registered_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_source
tests_unit_advertise_test_source_LDADD = $(unit_advertise)

check_PROGRAMS += %D%/test_targets
tests_unit_advertise_test_targets_SOURCES = %D%/test_targets.c %D%/adverts_kit.h tests/unit/mdns/lan_kit.c \
	tests/unit/mdns/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_advertise_test_targets_LDADD = $(unit_advertise)
tests_unit_advertise_test_targets_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_twins
tests_unit_advertise_test_twins_SOURCES = %D%/test_twins.c tests/unit/mdns/lan_kit.c tests/unit/mdns/lan_kit.h
tests_unit_advertise_test_twins_LDADD = $(unit_advertise)

check_PROGRAMS += %D%/test_types
tests_unit_advertise_test_types_SOURCES = %D%/test_types.c %D%/adverts_kit.h tests/unit/mdns/lan_kit.c \
	tests/unit/mdns/lan_kit.h $(unit_folder) $(unit_memory)
tests_unit_advertise_test_types_LDADD = $(unit_advertise)
tests_unit_advertise_test_types_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_waits
tests_unit_advertise_test_waits_SOURCES = %D%/test_waits.c tests/unit/mdns/lan_kit.c tests/unit/mdns/lan_kit.h
tests_unit_advertise_test_waits_LDADD = $(unit_advertise)
