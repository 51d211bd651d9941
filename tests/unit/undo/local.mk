# The unit tests of src/undo: one program for each source file.

check_PROGRAMS += %D%/test_pairs
tests_unit_undo_test_pairs_SOURCES = %D%/test_pairs.c tests/unit/registry/kit.c tests/unit/registry/kit.h
tests_unit_undo_test_pairs_LDADD = $(unit_registry)
tests_unit_undo_test_pairs_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += %D%/test_table
tests_unit_undo_test_table_SOURCES = %D%/test_table.c tests/unit/registry/kit.c tests/unit/registry/kit.h
tests_unit_undo_test_table_LDADD = $(unit_registry)
tests_unit_undo_test_table_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
