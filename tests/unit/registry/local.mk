# The unit tests of src/registry: two lines for each source file.

check_PROGRAMS += %D%/test_policy
tests_unit_registry_test_policy_LDADD = $(unit_registry)
tests_unit_registry_test_policy_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup

check_PROGRAMS += %D%/test_update
tests_unit_registry_test_update_LDADD = $(unit_registry)
tests_unit_registry_test_update_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_merge
tests_unit_registry_test_merge_LDADD = $(unit_registry)
tests_unit_registry_test_merge_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
