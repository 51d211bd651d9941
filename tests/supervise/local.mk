# A supervisor for the system tests, which can be killed: test_supervise.
check_PROGRAMS += %D%/runner
tests_supervise_runner_LDADD = $(supervise_link)
