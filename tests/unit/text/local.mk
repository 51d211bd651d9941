# The unit tests of src/text: one program for each source file.

check_PROGRAMS += %D%/test_check
tests_unit_text_test_check_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_foreign
tests_unit_text_test_foreign_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_head
tests_unit_text_test_head_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_generate
tests_unit_text_test_generate_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_memory
tests_unit_text_test_memory_SOURCES = %D%/test_memory.c $(unit_folder) $(unit_memory)
tests_unit_text_test_memory_LDADD = $(unit_text)
tests_unit_text_test_memory_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_rdata
tests_unit_text_test_rdata_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_record
tests_unit_text_test_record_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_source
tests_unit_text_test_source_SOURCES = %D%/test_source.c $(unit_folder)
tests_unit_text_test_source_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_token
tests_unit_text_test_token_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_value
tests_unit_text_test_value_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_words
tests_unit_text_test_words_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_zonefile
tests_unit_text_test_zonefile_SOURCES = %D%/test_zonefile.c $(unit_folder)
tests_unit_text_test_zonefile_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_content
tests_unit_text_test_content_SOURCES = %D%/test_content.c %D%/kit.c %D%/kit.h
tests_unit_text_test_content_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_field_parse
tests_unit_text_test_field_parse_SOURCES = %D%/test_field_parse.c %D%/kit.c %D%/kit.h
tests_unit_text_test_field_parse_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_location
tests_unit_text_test_location_SOURCES = %D%/test_location.c %D%/kit.c %D%/kit.h
tests_unit_text_test_location_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_svcb_parse
tests_unit_text_test_svcb_parse_SOURCES = %D%/test_svcb_parse.c %D%/kit.c %D%/kit.h
tests_unit_text_test_svcb_parse_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_field_write
tests_unit_text_test_field_write_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_svcb_key
tests_unit_text_test_svcb_key_LDADD = $(unit_text)

check_PROGRAMS += %D%/test_svcb_write
tests_unit_text_test_svcb_write_LDADD = $(unit_text)
