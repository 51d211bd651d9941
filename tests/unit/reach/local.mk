# The unit tests of src/reach: one program for each source file.
unit_reach_kit = %D%/kit.c %D%/kit.h $(unit_memory)

check_PROGRAMS += %D%/test_attempt
tests_unit_reach_test_attempt_SOURCES = %D%/test_attempt.c $(unit_reach_kit)
tests_unit_reach_test_attempt_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_attempt_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_candidate
tests_unit_reach_test_candidate_SOURCES = %D%/test_candidate.c $(unit_reach_kit)
tests_unit_reach_test_candidate_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_candidate_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_chase
tests_unit_reach_test_chase_SOURCES = %D%/test_chase.c $(unit_reach_kit)
tests_unit_reach_test_chase_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_chase_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_connect
tests_unit_reach_test_connect_SOURCES = %D%/test_connect.c $(unit_reach_kit)
tests_unit_reach_test_connect_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_connect_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_connector
tests_unit_reach_test_connector_SOURCES = %D%/test_connector.c $(unit_reach_kit)
tests_unit_reach_test_connector_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_connector_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_memory
tests_unit_reach_test_memory_SOURCES = %D%/test_memory.c $(unit_reach_kit)
tests_unit_reach_test_memory_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_memory_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_pace
tests_unit_reach_test_pace_SOURCES = %D%/test_pace.c $(unit_reach_kit)
tests_unit_reach_test_pace_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_pace_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_reach
tests_unit_reach_test_reach_SOURCES = %D%/test_reach.c $(unit_reach_kit)
tests_unit_reach_test_reach_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_reach_LDADD = $(unit_reach)

check_PROGRAMS += %D%/test_why
tests_unit_reach_test_why_SOURCES = %D%/test_why.c $(unit_reach_kit)
tests_unit_reach_test_why_LDFLAGS = $(unit_memory_flags)
tests_unit_reach_test_why_LDADD = $(unit_reach)
