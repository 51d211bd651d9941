# The unit tests of src/transfer: one program for each source file.

check_PROGRAMS += %D%/test_out
tests_unit_transfer_test_out_SOURCES = %D%/test_out.c tests/unit/server/kit.h
tests_unit_transfer_test_out_LDADD = $(unit_server)
