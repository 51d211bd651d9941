# The unit tests of src/remote: one program for each source file.

check_PROGRAMS += %D%/test_rates
tests_unit_remote_test_rates_SOURCES = %D%/test_rates.c $(unit_json)
tests_unit_remote_test_rates_LDADD = $(unit_remote)

check_PROGRAMS += %D%/test_top_view
tests_unit_remote_test_top_view_SOURCES = %D%/test_top_view.c $(unit_json)
tests_unit_remote_test_top_view_LDADD = $(unit_remote)
