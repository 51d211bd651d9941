# The unit tests of src/zone: two lines for each source file.
check_PROGRAMS += %D%/test_zonefile
tests_unit_zone_test_zonefile_LDADD = $(unit_zone)
check_PROGRAMS += %D%/test_check
tests_unit_zone_test_check_LDADD = $(unit_zone)
