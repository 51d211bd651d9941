# The unit tests of src/registry: two lines for each source file.

check_PROGRAMS += %D%/test_policy
tests_unit_registry_test_policy_LDADD = $(unit_registry)
tests_unit_registry_test_policy_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup

check_PROGRAMS += %D%/test_update
tests_unit_registry_test_update_LDADD = $(unit_registry)
tests_unit_registry_test_update_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_merge
tests_unit_registry_test_merge_LDADD = $(unit_registry)
tests_unit_registry_test_merge_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# These share a kit, which makes memory short.
registry_kit = %D%/kit.c %D%/kit.h
registry_kit_flags = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_table
tests_unit_registry_test_table_SOURCES = %D%/test_table.c $(registry_kit)
tests_unit_registry_test_table_LDADD = $(unit_registry)
tests_unit_registry_test_table_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_holds
tests_unit_registry_test_holds_SOURCES = %D%/test_holds.c $(registry_kit)
tests_unit_registry_test_holds_LDADD = $(unit_registry)
tests_unit_registry_test_holds_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_reserve
tests_unit_registry_test_reserve_SOURCES = %D%/test_reserve.c $(registry_kit)
tests_unit_registry_test_reserve_LDADD = $(unit_registry)
tests_unit_registry_test_reserve_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_lease
tests_unit_registry_test_lease_SOURCES = %D%/test_lease.c $(registry_kit)
tests_unit_registry_test_lease_LDADD = $(unit_registry)
tests_unit_registry_test_lease_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_ready
tests_unit_registry_test_ready_SOURCES = %D%/test_ready.c $(registry_kit)
tests_unit_registry_test_ready_LDADD = $(unit_registry)
tests_unit_registry_test_ready_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_services
tests_unit_registry_test_services_SOURCES = %D%/test_services.c $(registry_kit)
tests_unit_registry_test_services_LDADD = $(unit_registry)
tests_unit_registry_test_services_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_instance
tests_unit_registry_test_instance_SOURCES = %D%/test_instance.c $(registry_kit)
tests_unit_registry_test_instance_LDADD = $(unit_registry)
tests_unit_registry_test_instance_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_ledger
tests_unit_registry_test_ledger_SOURCES = %D%/test_ledger.c $(registry_kit)
tests_unit_registry_test_ledger_LDADD = $(unit_registry)
tests_unit_registry_test_ledger_LDFLAGS = $(registry_kit_flags)

check_PROGRAMS += %D%/test_listing
tests_unit_registry_test_listing_SOURCES = %D%/test_listing.c $(registry_kit)
tests_unit_registry_test_listing_LDADD = $(unit_registry)
tests_unit_registry_test_listing_LDFLAGS = $(registry_kit_flags)
