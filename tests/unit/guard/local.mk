# The unit tests of src/guard: one program for each source file.

check_PROGRAMS += %D%/test_limit
tests_unit_guard_test_limit_LDADD = $(unit_guard)

check_PROGRAMS += %D%/test_refusals
tests_unit_guard_test_refusals_LDADD = $(unit_guard)

check_PROGRAMS += %D%/test_replay
tests_unit_guard_test_replay_LDADD = $(unit_guard)
