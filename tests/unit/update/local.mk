# The unit tests of src/update: one program for each source file.

check_PROGRAMS += %D%/test_fabric_policy
tests_unit_update_test_fabric_policy_SOURCES = %D%/test_fabric_policy.c $(unit_kit)
tests_unit_update_test_fabric_policy_LDADD = $(unit_registry)
tests_unit_update_test_fabric_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_policy
tests_unit_update_test_policy_SOURCES = %D%/test_policy.c $(unit_memory)
tests_unit_update_test_policy_LDADD = $(unit_update)
tests_unit_update_test_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_update
tests_unit_update_test_update_SOURCES = %D%/test_update.c $(unit_memory)
tests_unit_update_test_update_LDADD = $(unit_update)
tests_unit_update_test_update_LDFLAGS = $(unit_memory_flags)
