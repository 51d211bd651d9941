# The unit tests of src/ocf: one program for each source file.

check_PROGRAMS += %D%/test_status
tests_unit_ocf_test_status_LDADD = $(unit_ocf)

check_PROGRAMS += %D%/test_metadata
tests_unit_ocf_test_metadata_LDADD = $(unit_ocf)

check_PROGRAMS += %D%/test_agent
tests_unit_ocf_test_agent_SOURCES = %D%/test_agent.c tests/unit/child/bench.c tests/unit/child/bench.h tests/unit/supervise/bench_host.c tests/unit/supervise/bench_host.h
tests_unit_ocf_test_agent_LDADD = $(unit_ocf)
