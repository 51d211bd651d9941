# The unit tests of src/daemon: one program for each source file.

check_PROGRAMS += %D%/test_affected
tests_unit_daemon_test_affected_LDADD = $(unit_daemon)

check_PROGRAMS += %D%/test_ask
tests_unit_daemon_test_ask_SOURCES = %D%/test_ask.c
tests_unit_daemon_test_ask_LDADD = $(unit_daemon)
tests_unit_daemon_test_ask_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=registry_registrar_call

check_PROGRAMS += %D%/test_retire
tests_unit_daemon_test_retire_SOURCES = %D%/test_retire.c
tests_unit_daemon_test_retire_LDADD = $(unit_daemon)
