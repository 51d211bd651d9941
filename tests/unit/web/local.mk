# The unit tests of src/web: one program for each source file.

check_PROGRAMS += %D%/test_http
tests_unit_web_test_http_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime
tests_unit_web_test_http_LDADD = $(unit_web)

check_PROGRAMS += %D%/test_metrics
tests_unit_web_test_metrics_LDADD = $(unit_web)

check_PROGRAMS += %D%/test_page
tests_unit_web_test_page_SOURCES = %D%/test_page.c $(unit_memory)
tests_unit_web_test_page_LDADD = $(unit_web)
tests_unit_web_test_page_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_process
tests_unit_web_test_process_LDADD = $(unit_web)
