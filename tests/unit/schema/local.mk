# The unit tests of src/schema: one program for each source file.

check_PROGRAMS += %D%/test_pointer
tests_unit_schema_test_pointer_LDADD = $(unit_schema)
