# The unit tests of src/ledger: one program for each source file.

check_PROGRAMS += %D%/test_ahead
tests_unit_ledger_test_ahead_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_clock
tests_unit_ledger_test_clock_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_content
tests_unit_ledger_test_content_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_grant
tests_unit_ledger_test_grant_SOURCES = %D%/test_grant.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_grant_LDADD = $(unit_registry)
tests_unit_ledger_test_grant_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_group
tests_unit_ledger_test_group_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_item
tests_unit_ledger_test_item_SOURCES = %D%/test_item.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_item_LDADD = $(unit_registry)
tests_unit_ledger_test_item_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_lease
tests_unit_ledger_test_lease_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_leases
tests_unit_ledger_test_leases_SOURCES = %D%/test_leases.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_leases_LDADD = $(unit_registry)
tests_unit_ledger_test_leases_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_refresh
tests_unit_ledger_test_refresh_LDADD = $(unit_ledger)

check_PROGRAMS += %D%/test_release
tests_unit_ledger_test_release_SOURCES = %D%/test_release.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_release_LDADD = $(unit_registry)
tests_unit_ledger_test_release_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_schedule
tests_unit_ledger_test_schedule_SOURCES = %D%/test_schedule.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_schedule_LDADD = $(unit_registry)
tests_unit_ledger_test_schedule_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_ledger
tests_unit_ledger_test_ledger_SOURCES = %D%/test_ledger.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_ledger_LDADD = $(unit_registry)
tests_unit_ledger_test_ledger_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_owner
tests_unit_ledger_test_owner_SOURCES = %D%/test_owner.c $(unit_memory)
tests_unit_ledger_test_owner_LDADD = $(unit_ledger)
tests_unit_ledger_test_owner_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_assigned
tests_unit_ledger_test_assigned_SOURCES = %D%/test_assigned.c $(unit_memory)
tests_unit_ledger_test_assigned_LDADD = $(unit_ledger)
tests_unit_ledger_test_assigned_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_usage
tests_unit_ledger_test_usage_SOURCES = %D%/test_usage.c %D%/kit.h $(unit_kit)
tests_unit_ledger_test_usage_LDADD = $(unit_registry)
tests_unit_ledger_test_usage_LDFLAGS = $(unit_memory_flags)
