# The unit tests of src/find: one program for each source file.

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
