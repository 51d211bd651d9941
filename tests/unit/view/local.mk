# The unit tests of src/view: one program for each source file.

check_PROGRAMS += %D%/test_instance
tests_unit_view_test_instance_SOURCES = %D%/test_instance.c $(unit_kit)
tests_unit_view_test_instance_LDADD = $(unit_registry)
tests_unit_view_test_instance_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_reserve
tests_unit_view_test_reserve_SOURCES = %D%/test_reserve.c $(unit_kit)
tests_unit_view_test_reserve_LDADD = $(unit_registry)
tests_unit_view_test_reserve_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_view
tests_unit_view_test_view_SOURCES = %D%/test_view.c $(unit_kit)
tests_unit_view_test_view_LDADD = $(unit_registry)
tests_unit_view_test_view_LDFLAGS = $(unit_memory_flags)
