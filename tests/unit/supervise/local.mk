# The unit tests of src/supervise: one program for each source file.

check_PROGRAMS += %D%/test_exit
tests_unit_supervise_test_exit_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_health
tests_unit_supervise_test_health_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_restart
tests_unit_supervise_test_restart_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_stop
tests_unit_supervise_test_stop_LDADD = $(unit_supervise)
