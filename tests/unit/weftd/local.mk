# The unit tests of src/weftd: one program for each source file.

check_PROGRAMS += %D%/test_ask
tests_unit_weftd_test_ask_SOURCES = %D%/test_ask.c
tests_unit_weftd_test_ask_LDADD = $(unit_weftd)
tests_unit_weftd_test_ask_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=registry_registrar_call

check_PROGRAMS += %D%/test_config
tests_unit_weftd_test_config_SOURCES = %D%/test_config.c $(unit_folder)
tests_unit_weftd_test_config_LDADD = $(unit_weftd)

check_PROGRAMS += %D%/test_manual
tests_unit_weftd_test_manual_SOURCES = %D%/test_manual.c $(unit_page)
tests_unit_weftd_test_manual_LDADD = $(unit_weftd)

check_PROGRAMS += %D%/test_retire
tests_unit_weftd_test_retire_SOURCES = %D%/test_retire.c
tests_unit_weftd_test_retire_LDADD = $(unit_weftd)

check_PROGRAMS += %D%/test_secrets
tests_unit_weftd_test_secrets_SOURCES = %D%/test_secrets.c $(unit_folder) $(unit_memory)
tests_unit_weftd_test_secrets_LDADD = $(unit_weftd)
tests_unit_weftd_test_secrets_LDFLAGS = $(unit_memory_flags)
