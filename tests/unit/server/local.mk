# The unit tests of src/server: two lines for each source file.

check_PROGRAMS += %D%/test_control
tests_unit_server_test_control_LDADD = $(unit_server)
