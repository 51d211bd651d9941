# The unit tests of src/spec: one program for each source file.

check_PROGRAMS += %D%/test_instance
tests_unit_spec_test_instance_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_rdata
tests_unit_spec_test_rdata_LDADD = $(unit_spec)
