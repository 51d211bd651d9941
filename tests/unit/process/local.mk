# The unit tests of src/process: one program for each source file.

check_PROGRAMS += %D%/test_access
tests_unit_process_test_access_LDADD = $(unit_process)

check_PROGRAMS += %D%/test_confine
tests_unit_process_test_confine_SOURCES = %D%/test_confine.c %D%/child.h
tests_unit_process_test_confine_LDADD = $(unit_process)

check_PROGRAMS += %D%/test_limits
tests_unit_process_test_limits_LDADD = $(unit_process)

check_PROGRAMS += %D%/test_notify
tests_unit_process_test_notify_LDADD = $(unit_process)

check_PROGRAMS += %D%/test_privileges
tests_unit_process_test_privileges_SOURCES = %D%/test_privileges.c %D%/child.h
tests_unit_process_test_privileges_LDADD = $(unit_process)

check_PROGRAMS += %D%/test_report
tests_unit_process_test_report_LDADD = $(unit_process)
