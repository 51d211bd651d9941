# The unit tests of src/spec: one program for each source file.

spec_kit = tests/unit/spec/kit.c tests/unit/spec/kit.h

check_PROGRAMS += %D%/test_file
tests_unit_spec_test_file_SOURCES = %D%/test_file.c $(spec_kit) $(unit_folder) $(unit_memory)
tests_unit_spec_test_file_LDADD = $(unit_spec)
tests_unit_spec_test_file_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_check
tests_unit_spec_test_check_SOURCES = %D%/test_check.c $(spec_kit)
tests_unit_spec_test_check_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_instance
tests_unit_spec_test_instance_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_rdata
tests_unit_spec_test_rdata_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_diff
tests_unit_spec_test_diff_SOURCES = %D%/test_diff.c $(spec_kit)
tests_unit_spec_test_diff_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_version
tests_unit_spec_test_version_SOURCES = %D%/test_version.c $(spec_kit)
tests_unit_spec_test_version_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_expand
tests_unit_spec_test_expand_SOURCES = %D%/test_expand.c $(spec_kit) $(unit_memory)
tests_unit_spec_test_expand_LDADD = $(unit_spec)
tests_unit_spec_test_expand_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_json
tests_unit_spec_test_json_SOURCES = %D%/test_json.c $(spec_kit) $(unit_memory)
tests_unit_spec_test_json_LDADD = $(unit_spec)
tests_unit_spec_test_json_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_parameters
tests_unit_spec_test_parameters_SOURCES = %D%/test_parameters.c $(spec_kit) $(unit_json)
tests_unit_spec_test_parameters_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_table
tests_unit_spec_test_table_SOURCES = %D%/test_table.c $(unit_page)
tests_unit_spec_test_table_LDADD = $(unit_spec)

check_PROGRAMS += %D%/test_type
tests_unit_spec_test_type_SOURCES = %D%/test_type.c $(spec_kit)
tests_unit_spec_test_type_LDADD = $(unit_spec)
