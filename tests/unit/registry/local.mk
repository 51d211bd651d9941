# The unit tests of src/registry: one program for each source file.

check_PROGRAMS += %D%/test_announce
tests_unit_registry_test_announce_SOURCES = %D%/test_announce.c %D%/engine.h $(unit_kit)
tests_unit_registry_test_announce_LDADD = $(unit_registry)
tests_unit_registry_test_announce_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_items
tests_unit_registry_test_items_SOURCES = %D%/test_items.c $(unit_kit)
tests_unit_registry_test_items_LDADD = $(unit_registry)
tests_unit_registry_test_items_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_audit
tests_unit_registry_test_audit_LDADD = $(unit_registry)

check_PROGRAMS += %D%/test_batch
tests_unit_registry_test_batch_SOURCES = %D%/test_batch.c %D%/engine.h $(unit_kit)
tests_unit_registry_test_batch_LDADD = $(unit_registry)
tests_unit_registry_test_batch_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_check
tests_unit_registry_test_check_SOURCES = %D%/test_check.c %D%/engine.h $(unit_kit)
tests_unit_registry_test_check_LDADD = $(unit_registry)
tests_unit_registry_test_check_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_hold
tests_unit_registry_test_hold_SOURCES = %D%/test_hold.c tests/unit/zone/kit.h
tests_unit_registry_test_hold_LDADD = $(unit_registry)

check_PROGRAMS += %D%/test_intake
tests_unit_registry_test_intake_LDADD = $(unit_registry)

check_PROGRAMS += %D%/test_queue
tests_unit_registry_test_queue_SOURCES = %D%/test_queue.c $(unit_memory)
tests_unit_registry_test_queue_LDADD = $(unit_registry)
tests_unit_registry_test_queue_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_round
tests_unit_registry_test_round_SOURCES = %D%/test_round.c %D%/engine.h %D%/message.h $(unit_kit)
tests_unit_registry_test_round_LDADD = $(unit_registry)
tests_unit_registry_test_round_LDFLAGS = $(unit_memory_flags) -Wl,--wrap=update_run

check_PROGRAMS += %D%/test_state
tests_unit_registry_test_state_SOURCES = %D%/test_state.c $(unit_kit)
tests_unit_registry_test_state_LDADD = $(unit_registry)
tests_unit_registry_test_state_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_work
tests_unit_registry_test_work_SOURCES = %D%/test_work.c %D%/engine.h $(unit_kit)
tests_unit_registry_test_work_LDADD = $(unit_registry)
tests_unit_registry_test_work_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_registrar
tests_unit_registry_test_registrar_SOURCES = %D%/test_registrar.c %D%/engine.h %D%/message.h $(unit_kit)
tests_unit_registry_test_registrar_LDADD = $(unit_registry)
tests_unit_registry_test_registrar_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_wide
tests_unit_registry_test_wide_SOURCES = %D%/test_wide.c tests/unit/zone/kit.h
tests_unit_registry_test_wide_LDADD = $(unit_registry)
