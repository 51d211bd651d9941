# The unit tests of src/weftd: one program for each source file.

check_PROGRAMS += %D%/test_config
tests_unit_weftd_test_config_LDADD = $(unit_weftd)

check_PROGRAMS += %D%/test_manual
tests_unit_weftd_test_manual_SOURCES = %D%/test_manual.c tests/unit/page.c tests/unit/page.h
tests_unit_weftd_test_manual_LDADD = $(unit_weftd)
