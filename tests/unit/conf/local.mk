# The unit tests of src/conf: one program for each source file.

conf_kit = tests/unit/conf/kit.c tests/unit/conf/kit.h

check_PROGRAMS += %D%/test_file
tests_unit_conf_test_file_SOURCES = %D%/test_file.c $(unit_folder)
tests_unit_conf_test_file_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_load
tests_unit_conf_test_load_SOURCES = %D%/test_load.c $(conf_kit) $(unit_folder)
tests_unit_conf_test_load_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_reader
tests_unit_conf_test_reader_SOURCES = %D%/test_reader.c $(conf_kit)
tests_unit_conf_test_reader_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_table
tests_unit_conf_test_table_SOURCES = %D%/test_table.c $(conf_kit)
tests_unit_conf_test_table_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_tree
tests_unit_conf_test_tree_SOURCES = %D%/test_tree.c $(conf_kit)
tests_unit_conf_test_tree_LDADD = $(unit_conf)

check_PROGRAMS += %D%/test_type
tests_unit_conf_test_type_SOURCES = %D%/test_type.c $(conf_kit)
tests_unit_conf_test_type_LDADD = $(unit_conf)
