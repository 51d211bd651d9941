# The unit tests of src/listing: one program for each source file.

check_PROGRAMS += %D%/test_leases
tests_unit_listing_test_leases_SOURCES = %D%/test_leases.c $(unit_kit)
tests_unit_listing_test_leases_LDADD = $(unit_listing)
tests_unit_listing_test_leases_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_usage
tests_unit_listing_test_usage_SOURCES = %D%/test_usage.c $(unit_kit)
tests_unit_listing_test_usage_LDADD = $(unit_listing)
tests_unit_listing_test_usage_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_nodes
tests_unit_listing_test_nodes_SOURCES = %D%/test_nodes.c $(unit_kit)
tests_unit_listing_test_nodes_LDADD = $(unit_listing)
tests_unit_listing_test_nodes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_services
tests_unit_listing_test_services_SOURCES = %D%/test_services.c $(unit_kit)
tests_unit_listing_test_services_LDADD = $(unit_listing)
tests_unit_listing_test_services_LDFLAGS = $(unit_memory_flags)
