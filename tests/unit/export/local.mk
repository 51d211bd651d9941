# The unit tests of src/export: one program for each source file.

check_PROGRAMS += %D%/test_format
tests_unit_export_test_format_SOURCES = %D%/test_format.c $(unit_instance)
tests_unit_export_test_format_LDADD = $(unit_export)
