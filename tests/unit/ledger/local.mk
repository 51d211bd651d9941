# The unit tests of src/ledger: one program for each source file.

check_PROGRAMS += %D%/test_lease
tests_unit_ledger_test_lease_SOURCES = %D%/test_lease.c $(unit_kit)
tests_unit_ledger_test_lease_LDADD = $(unit_registry)
tests_unit_ledger_test_lease_LDFLAGS = $(unit_memory_flags)
