# The unit tests of src/settings: one program for each source file.

check_PROGRAMS += %D%/test_compare
tests_unit_settings_test_compare_LDADD = $(unit_settings)

check_PROGRAMS += %D%/test_mdns
tests_unit_settings_test_mdns_LDADD = $(unit_settings)

check_PROGRAMS += %D%/test_settings
tests_unit_settings_test_settings_SOURCES = %D%/test_settings.c $(unit_folder)
tests_unit_settings_test_settings_LDADD = $(unit_settings)

check_PROGRAMS += %D%/test_manual
tests_unit_settings_test_manual_SOURCES = %D%/test_manual.c $(unit_options_page)
tests_unit_settings_test_manual_LDADD = $(unit_settings)

check_PROGRAMS += %D%/test_secrets
tests_unit_settings_test_secrets_SOURCES = %D%/test_secrets.c $(unit_folder) $(unit_memory)
tests_unit_settings_test_secrets_LDADD = $(unit_settings)
tests_unit_settings_test_secrets_LDFLAGS = $(unit_memory_flags)
