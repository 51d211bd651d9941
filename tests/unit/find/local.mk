# The unit tests of src/find: one program for each source file.

check_PROGRAMS += %D%/test_answer
tests_unit_find_test_answer_SOURCES = %D%/test_answer.c %D%/fake.c %D%/fake.h $(unit_memory)
tests_unit_find_test_answer_LDADD = $(unit_find)
tests_unit_find_test_answer_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_cache
tests_unit_find_test_cache_SOURCES = %D%/test_cache.c $(unit_memory)
tests_unit_find_test_cache_LDADD = $(unit_find)
tests_unit_find_test_cache_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_instance
tests_unit_find_test_instance_SOURCES = %D%/test_instance.c $(unit_memory)
tests_unit_find_test_instance_LDADD = $(unit_find)
tests_unit_find_test_instance_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_name
tests_unit_find_test_name_LDADD = $(unit_find)

check_PROGRAMS += %D%/test_order
tests_unit_find_test_order_SOURCES = %D%/test_order.c $(unit_memory)
tests_unit_find_test_order_LDADD = $(unit_find)
tests_unit_find_test_order_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_lookup
tests_unit_find_test_lookup_SOURCES = %D%/test_lookup.c %D%/fake.c %D%/fake.h $(unit_memory)
tests_unit_find_test_lookup_LDADD = $(unit_find)
tests_unit_find_test_lookup_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_route
tests_unit_find_test_route_LDADD = $(unit_find)

check_PROGRAMS += %D%/test_rrset
tests_unit_find_test_rrset_SOURCES = %D%/test_rrset.c $(unit_memory)
tests_unit_find_test_rrset_LDADD = $(unit_find)
tests_unit_find_test_rrset_LDFLAGS = $(unit_memory_flags)
