# The unit tests of src/agentd: one program for each source file.

check_PROGRAMS += %D%/test_identity
tests_unit_agentd_test_identity_SOURCES = %D%/test_identity.c $(unit_folder)
tests_unit_agentd_test_identity_LDADD = $(unit_agentd)

check_PROGRAMS += %D%/test_manual
tests_unit_agentd_test_manual_SOURCES = %D%/test_manual.c $(unit_options_page)
tests_unit_agentd_test_manual_LDADD = $(unit_agentd)

check_PROGRAMS += %D%/test_settings
tests_unit_agentd_test_settings_SOURCES = %D%/test_settings.c $(unit_folder)
tests_unit_agentd_test_settings_LDADD = $(unit_agentd)
