# The unit tests of src/hosting: one program for each source file.

check_PROGRAMS += %D%/test_merge
tests_unit_hosting_test_merge_SOURCES = %D%/test_merge.c $(unit_memory)
tests_unit_hosting_test_merge_LDADD = $(unit_hosting)
tests_unit_hosting_test_merge_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_record
tests_unit_hosting_test_record_LDADD = $(unit_hosting)

check_PROGRAMS += %D%/test_files
tests_unit_hosting_test_files_LDADD = $(unit_hosting)

check_PROGRAMS += %D%/test_hosting
tests_unit_hosting_test_hosting_LDADD = $(unit_hosting)

check_PROGRAMS += %D%/test_jobs
tests_unit_hosting_test_jobs_LDADD = $(unit_hosting)
