# The unit tests of src/child: one program for each source file.

check_PROGRAMS += %D%/test_exit
tests_unit_child_test_exit_LDADD = $(unit_child)

check_PROGRAMS += %D%/test_process
tests_unit_child_test_process_SOURCES = %D%/test_process.c %D%/bench.c %D%/bench.h
tests_unit_child_test_process_LDADD = $(unit_child)

check_PROGRAMS += %D%/test_command
tests_unit_child_test_command_LDADD = $(unit_child)

check_PROGRAMS += %D%/test_identity
tests_unit_child_test_identity_LDADD = $(unit_child)

check_PROGRAMS += %D%/test_group
tests_unit_child_test_group_SOURCES = %D%/test_group.c $(unit_folder)
tests_unit_child_test_group_LDADD = $(unit_child)
