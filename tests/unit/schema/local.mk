# The unit tests of src/schema: one program for each source file.

schema_kit = tests/unit/schema/kit.c tests/unit/schema/kit.h $(unit_json)

check_PROGRAMS += %D%/test_check
tests_unit_schema_test_check_SOURCES = %D%/test_check.c $(schema_kit) $(unit_memory)
tests_unit_schema_test_check_LDADD = $(unit_schema)
tests_unit_schema_test_check_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_pattern
tests_unit_schema_test_pattern_LDADD = $(unit_schema)

check_PROGRAMS += %D%/test_pointer
tests_unit_schema_test_pointer_LDADD = $(unit_schema)

check_PROGRAMS += %D%/test_schema
tests_unit_schema_test_schema_SOURCES = %D%/test_schema.c $(schema_kit) $(unit_memory)
tests_unit_schema_test_schema_LDADD = $(unit_schema)
tests_unit_schema_test_schema_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_value
tests_unit_schema_test_value_SOURCES = %D%/test_value.c $(unit_json)
tests_unit_schema_test_value_LDADD = $(unit_schema)

check_PROGRAMS += %D%/test_vectors
tests_unit_schema_test_vectors_SOURCES = %D%/test_vectors.c $(schema_kit)
tests_unit_schema_test_vectors_LDADD = $(unit_schema)
