# The unit tests of src/place: one program for each source file.

check_PROGRAMS += %D%/test_place
tests_unit_place_test_place_SOURCES = %D%/test_place.c $(unit_memory)
tests_unit_place_test_place_LDADD = $(unit_place)
tests_unit_place_test_place_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_rank
tests_unit_place_test_rank_SOURCES = %D%/test_rank.c $(unit_memory)
tests_unit_place_test_rank_LDADD = $(unit_place)
tests_unit_place_test_rank_LDFLAGS = $(unit_memory_flags)
