# The unit tests of src/registry: one program for each source file.

check_PROGRAMS += %D%/test_ledger
tests_unit_registry_test_ledger_SOURCES = %D%/test_ledger.c %D%/kit.c %D%/kit.h
tests_unit_registry_test_ledger_LDADD = $(unit_registry)
tests_unit_registry_test_ledger_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_listing
tests_unit_registry_test_listing_SOURCES = %D%/test_listing.c %D%/kit.c %D%/kit.h
tests_unit_registry_test_listing_LDADD = $(unit_registry)
tests_unit_registry_test_listing_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
