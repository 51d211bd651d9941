# The unit tests of src/dns: one program for each source file.

check_PROGRAMS += %D%/test_cookie
tests_unit_dns_test_cookie_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_dso
tests_unit_dns_test_dso_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_edns
tests_unit_dns_test_edns_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_hmac
tests_unit_dns_test_hmac_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_msg
tests_unit_dns_test_msg_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_name
tests_unit_dns_test_name_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_rdata
tests_unit_dns_test_rdata_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_response
tests_unit_dns_test_response_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_tsig
tests_unit_dns_test_tsig_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_type
tests_unit_dns_test_type_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_update
tests_unit_dns_test_update_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_content
tests_unit_dns_test_content_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_regexp
tests_unit_dns_test_regexp_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_svcb
tests_unit_dns_test_svcb_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_tsig_client
tests_unit_dns_test_tsig_client_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_update_response
tests_unit_dns_test_update_response_LDADD = $(unit_dns)

check_PROGRAMS += %D%/test_update_write
tests_unit_dns_test_update_write_LDADD = $(unit_dns)
