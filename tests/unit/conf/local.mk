# The unit tests of src/conf: one program for each source file.

check_PROGRAMS += %D%/test_table
tests_unit_conf_test_table_SOURCES = %D%/test_table.c %D%/kit.c %D%/kit.h
tests_unit_conf_test_table_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_type
tests_unit_conf_test_type_SOURCES = %D%/test_type.c %D%/kit.c %D%/kit.h
tests_unit_conf_test_type_LDADD = $(unit_conf)
