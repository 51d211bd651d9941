# The unit tests of src/dnssd: one program for each source file.

check_PROGRAMS += %D%/test_fabric_name
tests_unit_dnssd_test_fabric_name_LDADD = $(unit_dnssd)

check_PROGRAMS += %D%/test_kind
tests_unit_dnssd_test_kind_LDADD = $(unit_dnssd)

check_PROGRAMS += %D%/test_txt
tests_unit_dnssd_test_txt_LDADD = $(unit_dnssd)
