# The unit tests of src/store: two lines for each source file.
check_PROGRAMS += %D%/test_power
tests_unit_store_test_power_SOURCES = %D%/test_power.c %D%/disk.c %D%/disk.h
tests_unit_store_test_power_LDADD = $(unit_store)
check_PROGRAMS += %D%/test_journal
tests_unit_store_test_journal_SOURCES = %D%/test_journal.c %D%/disk.c %D%/disk.h
tests_unit_store_test_journal_LDADD = $(unit_store)
check_PROGRAMS += %D%/test_parts
tests_unit_store_test_parts_LDADD = $(unit_store)
check_PROGRAMS += %D%/test_memory
tests_unit_store_test_memory_SOURCES = %D%/test_memory.c %D%/disk.c %D%/disk.h
tests_unit_store_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
tests_unit_store_test_memory_LDADD = $(unit_store)
