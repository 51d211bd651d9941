# Programs that tests/system runs as clients of a registry.

check_PROGRAMS += %D%/registering
tests_client_registering_LDADD = $(registrant_link)

check_PROGRAMS += %D%/watcher
tests_client_watcher_LDADD = $(find_link)
