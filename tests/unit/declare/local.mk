# The unit tests of src/declare: one program for each source file that needs no registry.

declare_kit = tests/unit/declare/kit.c tests/unit/declare/kit.h

check_PROGRAMS += %D%/test_apply
tests_unit_declare_test_apply_SOURCES = %D%/test_apply.c $(declare_kit)
tests_unit_declare_test_apply_LDADD = $(unit_declare)

check_PROGRAMS += %D%/test_future
tests_unit_declare_test_future_SOURCES = %D%/test_future.c $(declare_kit)
tests_unit_declare_test_future_LDADD = $(unit_declare)

check_PROGRAMS += %D%/test_message
tests_unit_declare_test_message_SOURCES = %D%/test_message.c $(declare_kit)
tests_unit_declare_test_message_LDADD = $(unit_declare)

check_PROGRAMS += %D%/test_place
tests_unit_declare_test_place_SOURCES = %D%/test_place.c $(declare_kit)
tests_unit_declare_test_place_LDADD = $(unit_declare)

check_PROGRAMS += %D%/test_plan
tests_unit_declare_test_plan_SOURCES = %D%/test_plan.c $(declare_kit) $(unit_memory)
tests_unit_declare_test_plan_LDADD = $(unit_declare)
tests_unit_declare_test_plan_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_remove
tests_unit_declare_test_remove_SOURCES = %D%/test_remove.c $(declare_kit)
tests_unit_declare_test_remove_LDADD = $(unit_declare)

check_PROGRAMS += %D%/test_schemas
tests_unit_declare_test_schemas_SOURCES = %D%/test_schemas.c $(declare_kit)
tests_unit_declare_test_schemas_LDADD = $(unit_declare)
