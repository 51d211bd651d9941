# The unit tests of src/atlas: one program for each source file.

check_PROGRAMS += %D%/test_atlas
tests_unit_atlas_test_atlas_SOURCES = %D%/test_atlas.c $(unit_zone_made)
tests_unit_atlas_test_atlas_LDADD = $(unit_atlas)

check_PROGRAMS += %D%/test_records
tests_unit_atlas_test_records_SOURCES = %D%/test_records.c
tests_unit_atlas_test_records_LDADD = $(unit_atlas)

check_PROGRAMS += %D%/test_text
tests_unit_atlas_test_text_SOURCES = %D%/test_text.c
tests_unit_atlas_test_text_LDADD = $(unit_atlas)
