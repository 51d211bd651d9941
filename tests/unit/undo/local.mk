# The unit tests of src/undo: one program for each source file.

check_PROGRAMS += %D%/test_list
tests_unit_undo_test_list_SOURCES = %D%/test_list.c $(unit_memory)
tests_unit_undo_test_list_LDADD = $(unit_undo)
tests_unit_undo_test_list_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_names
tests_unit_undo_test_names_SOURCES = %D%/test_names.c $(unit_memory)
tests_unit_undo_test_names_LDADD = $(unit_undo)
tests_unit_undo_test_names_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_pairs
tests_unit_undo_test_pairs_SOURCES = %D%/test_pairs.c $(unit_memory)
tests_unit_undo_test_pairs_LDADD = $(unit_undo)
tests_unit_undo_test_pairs_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_table
tests_unit_undo_test_table_SOURCES = %D%/test_table.c $(unit_memory)
tests_unit_undo_test_table_LDADD = $(unit_undo)
tests_unit_undo_test_table_LDFLAGS = $(unit_memory_flags)
