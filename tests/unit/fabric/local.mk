# The unit tests of src/fabric: one program for each source file.

check_PROGRAMS += %D%/test_cache
tests_unit_fabric_test_cache_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_cert
tests_unit_fabric_test_cert_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_derive
tests_unit_fabric_test_derive_SOURCES = %D%/test_derive.c $(unit_page)
tests_unit_fabric_test_derive_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_fabric
tests_unit_fabric_test_fabric_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_file
tests_unit_fabric_test_file_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_keyfile
tests_unit_fabric_test_keyfile_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_record
tests_unit_fabric_test_record_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_revoked
tests_unit_fabric_test_revoked_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_ring
tests_unit_fabric_test_ring_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_tls
tests_unit_fabric_test_tls_LDADD = $(unit_fabric)

check_PROGRAMS += %D%/test_uses
tests_unit_fabric_test_uses_LDADD = $(unit_fabric)
