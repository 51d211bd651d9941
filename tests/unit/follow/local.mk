# The unit tests of src/follow: one program for each source file.

check_PROGRAMS += %D%/test_entry
tests_unit_follow_test_entry_SOURCES = %D%/test_entry.c $(unit_memory)
tests_unit_follow_test_entry_LDADD = $(unit_follow)
tests_unit_follow_test_entry_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_follow
tests_unit_follow_test_follow_LDADD = $(unit_follow)

check_PROGRAMS += %D%/test_host
tests_unit_follow_test_host_SOURCES = %D%/test_host.c $(unit_memory)
tests_unit_follow_test_host_LDADD = $(unit_follow)
tests_unit_follow_test_host_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_shown
tests_unit_follow_test_shown_SOURCES = %D%/test_shown.c $(unit_memory)
tests_unit_follow_test_shown_LDADD = $(unit_follow)
tests_unit_follow_test_shown_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_track
tests_unit_follow_test_track_LDADD = $(unit_follow)

check_PROGRAMS += %D%/test_watch
tests_unit_follow_test_watch_SOURCES = %D%/test_watch.c $(unit_follower) $(unit_memory)
tests_unit_follow_test_watch_LDADD = $(unit_follow)
tests_unit_follow_test_watch_LDFLAGS = $(unit_memory_flags)
