# The unit tests of src/journal: one program for each source file.

check_PROGRAMS += %D%/test_backup
tests_unit_journal_test_backup_SOURCES = %D%/test_backup.c %D%/kit.h $(unit_folder)
tests_unit_journal_test_backup_LDADD = $(unit_journal)

check_PROGRAMS += %D%/test_journal
tests_unit_journal_test_journal_SOURCES = %D%/test_journal.c %D%/disk.c %D%/disk.h %D%/kit.h $(unit_folder)
tests_unit_journal_test_journal_LDADD = $(unit_journal)

check_PROGRAMS += %D%/test_memory
tests_unit_journal_test_memory_SOURCES = %D%/test_memory.c %D%/disk.c %D%/disk.h %D%/kit.h $(unit_folder) $(unit_memory)
tests_unit_journal_test_memory_LDADD = $(unit_journal)
tests_unit_journal_test_memory_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_parts
tests_unit_journal_test_parts_SOURCES = %D%/test_parts.c $(unit_folder)
tests_unit_journal_test_parts_LDADD = $(unit_journal)

check_PROGRAMS += %D%/test_power
tests_unit_journal_test_power_SOURCES = %D%/test_power.c %D%/disk.c %D%/disk.h $(unit_folder)
tests_unit_journal_test_power_LDADD = $(unit_journal)
