# The unit tests of src/archive: one program for each source file.

check_PROGRAMS += %D%/test_header
tests_unit_archive_test_header_SOURCES = %D%/test_header.c
tests_unit_archive_test_header_LDADD = $(unit_archive)

check_PROGRAMS += %D%/test_in
tests_unit_archive_test_in_SOURCES = %D%/test_in.c
tests_unit_archive_test_in_LDADD = $(unit_archive)

check_PROGRAMS += %D%/test_out
tests_unit_archive_test_out_SOURCES = %D%/test_out.c
tests_unit_archive_test_out_LDADD = $(unit_archive)
