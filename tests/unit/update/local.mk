# The unit tests of src/update: one program for each source file.

unit_update_kit = %D%/kit.c %D%/kit.h $(unit_memory)

check_PROGRAMS += %D%/test_fabric_policy
tests_unit_update_test_fabric_policy_SOURCES = %D%/test_fabric_policy.c $(unit_kit)
tests_unit_update_test_fabric_policy_LDADD = $(unit_registry)
tests_unit_update_test_fabric_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_lan_policy
tests_unit_update_test_lan_policy_SOURCES = %D%/test_lan_policy.c $(unit_kit)
tests_unit_update_test_lan_policy_LDADD = $(unit_registry)
tests_unit_update_test_lan_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_policy
tests_unit_update_test_policy_SOURCES = %D%/test_policy.c $(unit_memory)
tests_unit_update_test_policy_LDADD = $(unit_update)
tests_unit_update_test_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_apply
tests_unit_update_test_apply_SOURCES = %D%/test_apply.c $(unit_update_kit)
tests_unit_update_test_apply_LDADD = $(unit_update)
tests_unit_update_test_apply_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_check
tests_unit_update_test_check_SOURCES = %D%/test_check.c $(unit_update_kit)
tests_unit_update_test_check_LDADD = $(unit_update)
tests_unit_update_test_check_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_fail
tests_unit_update_test_fail_SOURCES = %D%/test_fail.c $(unit_update_kit)
tests_unit_update_test_fail_LDADD = $(unit_update)
tests_unit_update_test_fail_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_permit
tests_unit_update_test_permit_SOURCES = %D%/test_permit.c $(unit_update_kit)
tests_unit_update_test_permit_LDADD = $(unit_update)
tests_unit_update_test_permit_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_update
tests_unit_update_test_update_SOURCES = %D%/test_update.c $(unit_update_kit)
tests_unit_update_test_update_LDADD = $(unit_update)
tests_unit_update_test_update_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_expire
tests_unit_update_test_expire_SOURCES = %D%/test_expire.c $(unit_kit)
tests_unit_update_test_expire_LDADD = $(unit_registry)
tests_unit_update_test_expire_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_finish
tests_unit_update_test_finish_SOURCES = %D%/test_finish.c $(unit_kit)
tests_unit_update_test_finish_LDADD = $(unit_registry)
tests_unit_update_test_finish_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_report
tests_unit_update_test_report_SOURCES = %D%/test_report.c $(unit_kit)
tests_unit_update_test_report_LDADD = $(unit_registry)
tests_unit_update_test_report_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_size
tests_unit_update_test_size_SOURCES = %D%/test_size.c $(unit_update_kit)
tests_unit_update_test_size_LDADD = $(unit_update)
tests_unit_update_test_size_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_sort
tests_unit_update_test_sort_SOURCES = %D%/test_sort.c $(unit_kit)
tests_unit_update_test_sort_LDADD = $(unit_registry)
tests_unit_update_test_sort_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_quota
tests_unit_update_test_quota_SOURCES = %D%/test_quota.c $(unit_kit)
tests_unit_update_test_quota_LDADD = $(unit_registry)
tests_unit_update_test_quota_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_types
tests_unit_update_test_types_SOURCES = %D%/test_types.c $(unit_memory)
tests_unit_update_test_types_LDADD = $(unit_update)
tests_unit_update_test_types_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_agent_policy
tests_unit_update_test_agent_policy_SOURCES = %D%/test_agent_policy.c $(unit_kit)
tests_unit_update_test_agent_policy_LDADD = $(unit_registry)
tests_unit_update_test_agent_policy_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_takeover
tests_unit_update_test_takeover_SOURCES = %D%/test_takeover.c $(unit_kit)
tests_unit_update_test_takeover_LDADD = $(unit_registry)
tests_unit_update_test_takeover_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_right
tests_unit_update_test_right_SOURCES = %D%/test_right.c
tests_unit_update_test_right_LDADD = $(unit_update)

check_PROGRAMS += %D%/test_terms
tests_unit_update_test_terms_SOURCES = %D%/test_terms.c
tests_unit_update_test_terms_LDADD = $(unit_update)
