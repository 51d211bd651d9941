# The unit tests of src/zone: one program for each source file.

check_PROGRAMS += %D%/test_bulk
tests_unit_zone_test_bulk_SOURCES = %D%/test_bulk.c %D%/kit.h
tests_unit_zone_test_bulk_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_changeset
tests_unit_zone_test_changeset_SOURCES = %D%/test_changeset.c %D%/kit.h
tests_unit_zone_test_changeset_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_draft
tests_unit_zone_test_draft_SOURCES = %D%/test_draft.c %D%/kit.h
tests_unit_zone_test_draft_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_index
tests_unit_zone_test_index_SOURCES = %D%/test_index.c %D%/node_kit.h
tests_unit_zone_test_index_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_limits
tests_unit_zone_test_limits_SOURCES = %D%/test_limits.c %D%/kit.h
tests_unit_zone_test_limits_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_look
tests_unit_zone_test_look_SOURCES = %D%/test_look.c %D%/kit.h
tests_unit_zone_test_look_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_prepared
tests_unit_zone_test_prepared_SOURCES = %D%/test_prepared.c %D%/kit.h
tests_unit_zone_test_prepared_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_trie
tests_unit_zone_test_trie_SOURCES = %D%/test_trie.c %D%/node_kit.h
tests_unit_zone_test_trie_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_catalog
tests_unit_zone_test_catalog_SOURCES = %D%/test_catalog.c %D%/kit.h
tests_unit_zone_test_catalog_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_snapshot
tests_unit_zone_test_snapshot_SOURCES = %D%/test_snapshot.c %D%/kit.h
tests_unit_zone_test_snapshot_LDADD = $(unit_zone)

check_PROGRAMS += %D%/test_wide
tests_unit_zone_test_wide_SOURCES = %D%/test_wide.c %D%/kit.h
tests_unit_zone_test_wide_LDADD = $(unit_zone)
