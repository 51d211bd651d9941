# The unit tests of src/service: one program for each source file. Their libweft is instance.c.

check_PROGRAMS += %D%/test_lines
tests_unit_service_test_lines_SOURCES = %D%/test_lines.c $(unit_instance)
tests_unit_service_test_lines_LDADD = $(unit_service)

check_PROGRAMS += %D%/test_relay
tests_unit_service_test_relay_SOURCES = %D%/test_relay.c
tests_unit_service_test_relay_LDADD = $(unit_service)

check_PROGRAMS += %D%/test_show
tests_unit_service_test_show_SOURCES = %D%/test_show.c $(unit_instance)
tests_unit_service_test_show_LDADD = $(unit_service)

check_PROGRAMS += %D%/test_variables
tests_unit_service_test_variables_SOURCES = %D%/test_variables.c $(unit_instance)
tests_unit_service_test_variables_LDADD = $(unit_service)
