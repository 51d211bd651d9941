# The unit tests of src/fabric: two lines for each source file.

check_PROGRAMS += %D%/test_keyfile
tests_unit_fabric_test_keyfile_LDADD = $(unit_fabric)
