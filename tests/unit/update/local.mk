# The unit tests of src/update: one program for each source file.

check_PROGRAMS += %D%/test_fabric_policy
tests_unit_update_test_fabric_policy_SOURCES = %D%/test_fabric_policy.c tests/unit/registry/kit.c tests/unit/registry/kit.h
tests_unit_update_test_fabric_policy_LDADD = $(unit_registry)
tests_unit_update_test_fabric_policy_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_policy
tests_unit_update_test_policy_LDADD = $(unit_update)
tests_unit_update_test_policy_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup

check_PROGRAMS += %D%/test_update
tests_unit_update_test_update_LDADD = $(unit_update)
tests_unit_update_test_update_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
