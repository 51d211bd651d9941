# The unit tests of src/lan: what needs no avahi-daemon. The rest is tests/system/test_lan_room.py.

check_PROGRAMS += %D%/test_name
tests_unit_lan_test_name_LDADD = $(unit_lan)

check_PROGRAMS += %D%/test_sightings
tests_unit_lan_test_sightings_SOURCES = %D%/test_sightings.c $(unit_memory)
tests_unit_lan_test_sightings_LDADD = $(unit_lan)
tests_unit_lan_test_sightings_LDFLAGS = $(unit_memory_flags)

if HAVE_AVAHI
check_PROGRAMS += %D%/test_poll
tests_unit_lan_test_poll_LDADD = $(unit_lan)

check_PROGRAMS += %D%/test_daemon
tests_unit_lan_test_daemon_LDADD = $(unit_lan)
endif
