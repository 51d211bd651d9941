# The unit tests of src/control: one program for each source file.

check_PROGRAMS += %D%/test_agent_commands
tests_unit_control_test_agent_commands_LDADD = $(unit_control)

check_PROGRAMS += %D%/test_client
tests_unit_control_test_client_LDADD = $(unit_control)

check_PROGRAMS += %D%/test_command
tests_unit_control_test_command_LDADD = $(unit_control)

check_PROGRAMS += %D%/test_commands
tests_unit_control_test_commands_LDADD = $(unit_control)

check_PROGRAMS += %D%/test_log
tests_unit_control_test_log_LDADD = $(unit_control)

check_PROGRAMS += %D%/test_server
tests_unit_control_test_server_LDADD = $(unit_control)
