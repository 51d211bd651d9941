# The unit tests of src/outfit: one program for each source file.

check_PROGRAMS += %D%/test_outfit
tests_unit_outfit_test_outfit_SOURCES = %D%/test_outfit.c $(unit_home)
tests_unit_outfit_test_outfit_LDADD = $(unit_outfit)
