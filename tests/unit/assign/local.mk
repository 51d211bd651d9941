# The unit tests of src/assign: one program for each source file.

assign_fake = tests/unit/assign/fake.c tests/unit/assign/fake.h $(unit_follower) $(unit_memory)

check_PROGRAMS += %D%/test_assign
tests_unit_assign_test_assign_SOURCES = %D%/test_assign.c $(assign_fake) $(unit_folder)
tests_unit_assign_test_assign_LDADD = $(unit_assign)
tests_unit_assign_test_assign_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_copies
tests_unit_assign_test_copies_SOURCES = %D%/test_copies.c $(unit_folder)
tests_unit_assign_test_copies_LDADD = $(unit_assign)

check_PROGRAMS += %D%/test_declaration
tests_unit_assign_test_declaration_SOURCES = %D%/test_declaration.c $(unit_memory)
tests_unit_assign_test_declaration_LDADD = $(unit_assign)
tests_unit_assign_test_declaration_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_item
tests_unit_assign_test_item_SOURCES = %D%/test_item.c $(assign_fake)
tests_unit_assign_test_item_LDADD = $(unit_assign)
tests_unit_assign_test_item_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_schemas
tests_unit_assign_test_schemas_SOURCES = %D%/test_schemas.c $(assign_fake)
tests_unit_assign_test_schemas_LDADD = $(unit_assign)
tests_unit_assign_test_schemas_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_text
tests_unit_assign_test_text_SOURCES = %D%/test_text.c $(assign_fake)
tests_unit_assign_test_text_LDADD = $(unit_assign)
tests_unit_assign_test_text_LDFLAGS = $(unit_memory_flags)
