# The unit tests of src/address: one program for each source file.

check_PROGRAMS += %D%/test_address
tests_unit_address_test_address_SOURCES = %D%/test_address.c $(unit_world) $(unit_memory)
tests_unit_address_test_address_LDADD = $(unit_address)
tests_unit_address_test_address_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_seen
tests_unit_address_test_seen_SOURCES = %D%/test_seen.c $(unit_world)
tests_unit_address_test_seen_LDADD = $(unit_address)

check_PROGRAMS += %D%/test_whoami
tests_unit_address_test_whoami_LDADD = $(unit_address)
