# The unit tests of src/cmd: two lines for each source file.

check_PROGRAMS += %D%/test_config
tests_unit_cmd_test_config_LDADD = $(unit_cmd)
