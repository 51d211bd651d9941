# The unit tests of src/store: two lines for each source file.
check_PROGRAMS += %D%/test_power
tests_unit_store_test_power_SOURCES = %D%/test_power.c %D%/disk.c %D%/disk.h
tests_unit_store_test_power_LDADD = $(unit_store)
