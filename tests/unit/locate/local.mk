# The unit tests of src/locate: one program for each source file.

unit_world = %D%/world.c %D%/world.h

check_PROGRAMS += %D%/test_ask
tests_unit_locate_test_ask_SOURCES = %D%/test_ask.c $(unit_world) $(unit_memory)
tests_unit_locate_test_ask_LDADD = $(unit_locate)
tests_unit_locate_test_ask_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_list
tests_unit_locate_test_list_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_config
tests_unit_locate_test_config_SOURCES = %D%/test_config.c $(unit_folder)
tests_unit_locate_test_config_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_hosts
tests_unit_locate_test_hosts_SOURCES = %D%/test_hosts.c $(unit_folder)
tests_unit_locate_test_hosts_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_keys
tests_unit_locate_test_keys_SOURCES = %D%/test_keys.c $(unit_folder)
tests_unit_locate_test_keys_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_known
tests_unit_locate_test_known_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_probe
tests_unit_locate_test_probe_SOURCES = %D%/test_probe.c $(unit_world)
tests_unit_locate_test_probe_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_finder
tests_unit_locate_test_finder_SOURCES = %D%/test_finder.c $(unit_world) $(unit_folder) $(unit_memory)
tests_unit_locate_test_finder_LDADD = $(unit_locate)
tests_unit_locate_test_finder_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_locate
tests_unit_locate_test_locate_SOURCES = %D%/test_locate.c $(unit_world) $(unit_folder) $(unit_memory)
tests_unit_locate_test_locate_LDADD = $(unit_locate)
tests_unit_locate_test_locate_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_exchange
tests_unit_locate_test_exchange_SOURCES = %D%/test_exchange.c $(unit_world)
tests_unit_locate_test_exchange_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_connection
tests_unit_locate_test_connection_SOURCES = %D%/test_connection.c $(unit_world)
tests_unit_locate_test_connection_LDADD = $(unit_locate)

check_PROGRAMS += %D%/test_mdns
tests_unit_locate_test_mdns_LDADD = $(unit_locate)
