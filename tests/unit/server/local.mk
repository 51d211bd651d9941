# The unit tests of src/server: one program for each source file.

check_PROGRAMS += %D%/test_changes
tests_unit_server_test_changes_SOURCES = %D%/test_changes.c $(unit_memory)
tests_unit_server_test_changes_LDADD = $(unit_server)
tests_unit_server_test_changes_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_query
tests_unit_server_test_query_SOURCES = %D%/test_query.c %D%/kit.h
tests_unit_server_test_query_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_refuse
tests_unit_server_test_refuse_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_request
tests_unit_server_test_request_SOURCES = %D%/test_request.c %D%/kit.h
tests_unit_server_test_request_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_rules
tests_unit_server_test_rules_SOURCES = %D%/test_rules.c %D%/kit.h
tests_unit_server_test_rules_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_transfer
tests_unit_server_test_transfer_SOURCES = %D%/test_transfer.c %D%/kit.h
tests_unit_server_test_transfer_LDADD = $(unit_server)

check_PROGRAMS += %D%/test_update
tests_unit_server_test_update_SOURCES = %D%/test_update.c %D%/kit.h
tests_unit_server_test_update_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=registry_registrar_put,--wrap=registry_registrar_admit \
	-Wl,--wrap=registry_registrar_release,--wrap=registry_registrar_source
tests_unit_server_test_update_LDADD = $(unit_server)
