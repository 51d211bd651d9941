# The unit tests of src/registry: one program for each source file.

check_PROGRAMS += %D%/test_ledger
tests_unit_registry_test_ledger_SOURCES = %D%/test_ledger.c $(unit_kit)
tests_unit_registry_test_ledger_LDADD = $(unit_registry)
tests_unit_registry_test_ledger_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_listing
tests_unit_registry_test_listing_SOURCES = %D%/test_listing.c $(unit_kit)
tests_unit_registry_test_listing_LDADD = $(unit_registry)
tests_unit_registry_test_listing_LDFLAGS = $(unit_memory_flags)
