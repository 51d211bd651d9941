# The unit tests of src/ocf: one program for each source file.

check_PROGRAMS += %D%/test_status
tests_unit_ocf_test_status_LDADD = $(unit_ocf)
