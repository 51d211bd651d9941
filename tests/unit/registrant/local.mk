# The unit tests of src/registrant: one program for each source file.

check_PROGRAMS += %D%/test_addresses
tests_unit_registrant_test_addresses_LDADD = $(unit_registrant)

check_PROGRAMS += %D%/test_batch
tests_unit_registrant_test_batch_SOURCES = %D%/test_batch.c $(unit_folder) $(unit_memory)
tests_unit_registrant_test_batch_LDADD = $(unit_registrant)
tests_unit_registrant_test_batch_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_found
tests_unit_registrant_test_found_LDADD = $(unit_registrant)

check_PROGRAMS += %D%/test_records
tests_unit_registrant_test_records_LDADD = $(unit_registrant)

check_PROGRAMS += %D%/test_settings
tests_unit_registrant_test_settings_SOURCES = %D%/test_settings.c $(unit_memory)
tests_unit_registrant_test_settings_LDADD = $(unit_registrant)
tests_unit_registrant_test_settings_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_service
tests_unit_registrant_test_service_SOURCES = %D%/test_service.c $(unit_memory)
tests_unit_registrant_test_service_LDADD = $(unit_registrant)
tests_unit_registrant_test_service_LDFLAGS = $(unit_memory_flags)
