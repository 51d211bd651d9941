# The unit tests of src/base: one program for each source file.

check_PROGRAMS += %D%/test_address
tests_unit_base_test_address_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_arena
tests_unit_base_test_arena_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_buf
tests_unit_base_test_buf_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_error
tests_unit_base_test_error_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_folder
tests_unit_base_test_folder_SOURCES = %D%/test_folder.c $(unit_folder)
tests_unit_base_test_folder_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_grow
tests_unit_base_test_grow_SOURCES = %D%/test_grow.c $(unit_memory)
tests_unit_base_test_grow_LDADD = $(unit_base)
tests_unit_base_test_grow_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_hash
tests_unit_base_test_hash_SOURCES = %D%/test_hash.c $(unit_hash_key)
tests_unit_base_test_hash_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_histogram
tests_unit_base_test_histogram_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log
tests_unit_base_test_log_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_journal
tests_unit_base_test_log_journal_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_limit
tests_unit_base_test_log_limit_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_line
tests_unit_base_test_log_line_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_out
tests_unit_base_test_log_out_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_recent
tests_unit_base_test_log_recent_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_log_ring
tests_unit_base_test_log_ring_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_overwrite
tests_unit_base_test_overwrite_SOURCES = %D%/test_overwrite.c $(unit_folder)
tests_unit_base_test_overwrite_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_pages
tests_unit_base_test_pages_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_prefault
tests_unit_base_test_prefault_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_queue
tests_unit_base_test_queue_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_rcu
tests_unit_base_test_rcu_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_seen
tests_unit_base_test_seen_SOURCES = %D%/test_seen.c $(unit_memory)
tests_unit_base_test_seen_LDADD = $(unit_base)
tests_unit_base_test_seen_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_slab
tests_unit_base_test_slab_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_secret
tests_unit_base_test_secret_LDADD = $(unit_base)

check_PROGRAMS += %D%/test_utf8
tests_unit_base_test_utf8_LDADD = $(unit_base)
