# The unit tests of src/cmd: two lines for each source file.

check_PROGRAMS += %D%/test_config
tests_unit_cmd_test_config_LDADD = $(unit_cmd)

check_PROGRAMS += %D%/test_notify
tests_unit_cmd_test_notify_LDADD = $(unit_cmd)

check_PROGRAMS += %D%/test_privileges
tests_unit_cmd_test_privileges_LDADD = $(unit_cmd)

check_PROGRAMS += %D%/test_manual
tests_unit_cmd_test_manual_LDADD = $(unit_cmd)
