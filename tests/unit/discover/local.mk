# The unit tests of src/discover: one program for each source file.

check_PROGRAMS += %D%/test_discover
tests_unit_discover_test_discover_SOURCES = %D%/test_discover.c tests/unit/mdns/browse_kit.c tests/unit/mdns/browse_kit.h tests/unit/registry/engine.h $(unit_kit)
tests_unit_discover_test_discover_LDADD = $(unit_discover)
tests_unit_discover_test_discover_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_places
tests_unit_discover_test_places_SOURCES = %D%/test_places.c tests/unit/mdns/lan_kit.c tests/unit/mdns/lan_kit.h
tests_unit_discover_test_places_LDADD = $(unit_discover)

check_PROGRAMS += %D%/test_translate
tests_unit_discover_test_translate_LDADD = $(unit_discover)

check_PROGRAMS += %D%/test_writer
tests_unit_discover_test_writer_SOURCES = %D%/test_writer.c tests/unit/registry/engine.h $(unit_kit)
tests_unit_discover_test_writer_LDADD = $(unit_discover)
tests_unit_discover_test_writer_LDFLAGS = $(unit_memory_flags)
