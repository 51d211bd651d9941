# The unit tests of src/control: one program for each source file.

check_PROGRAMS += %D%/test_server
tests_unit_control_test_server_LDADD = $(unit_control)
