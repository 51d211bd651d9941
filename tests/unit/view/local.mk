# The unit tests of src/view: one program for each source file.

check_PROGRAMS += %D%/test_address
tests_unit_view_test_address_SOURCES = %D%/test_address.c $(unit_kit)
tests_unit_view_test_address_LDADD = $(unit_registry)
tests_unit_view_test_address_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_browse
tests_unit_view_test_browse_SOURCES = %D%/test_browse.c $(unit_kit)
tests_unit_view_test_browse_LDADD = $(unit_registry)
tests_unit_view_test_browse_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_check
tests_unit_view_test_check_SOURCES = %D%/test_check.c $(unit_kit)
tests_unit_view_test_check_LDADD = $(unit_registry)
tests_unit_view_test_check_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_drain
tests_unit_view_test_drain_SOURCES = %D%/test_drain.c $(unit_kit)
tests_unit_view_test_drain_LDADD = $(unit_registry)
tests_unit_view_test_drain_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_flip
tests_unit_view_test_flip_SOURCES = %D%/test_flip.c $(unit_kit)
tests_unit_view_test_flip_LDADD = $(unit_registry)
tests_unit_view_test_flip_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_instance
tests_unit_view_test_instance_SOURCES = %D%/test_instance.c $(unit_kit)
tests_unit_view_test_instance_LDADD = $(unit_registry)
tests_unit_view_test_instance_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_item
tests_unit_view_test_item_SOURCES = %D%/test_item.c $(unit_kit)
tests_unit_view_test_item_LDADD = $(unit_registry)
tests_unit_view_test_item_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_live
tests_unit_view_test_live_SOURCES = %D%/test_live.c $(unit_kit)
tests_unit_view_test_live_LDADD = $(unit_registry)
tests_unit_view_test_live_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_mark
tests_unit_view_test_mark_SOURCES = %D%/test_mark.c $(unit_kit)
tests_unit_view_test_mark_LDADD = $(unit_registry)
tests_unit_view_test_mark_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_node
tests_unit_view_test_node_SOURCES = %D%/test_node.c $(unit_kit)
tests_unit_view_test_node_LDADD = $(unit_registry)
tests_unit_view_test_node_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_pass
tests_unit_view_test_pass_SOURCES = %D%/test_pass.c $(unit_kit)
tests_unit_view_test_pass_LDADD = $(unit_registry)
tests_unit_view_test_pass_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_reconcile
tests_unit_view_test_reconcile_SOURCES = %D%/test_reconcile.c $(unit_kit)
tests_unit_view_test_reconcile_LDADD = $(unit_registry)
tests_unit_view_test_reconcile_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_reverse
tests_unit_view_test_reverse_SOURCES = %D%/test_reverse.c $(unit_kit)
tests_unit_view_test_reverse_LDADD = $(unit_registry)
tests_unit_view_test_reverse_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_subtype
tests_unit_view_test_subtype_SOURCES = %D%/test_subtype.c $(unit_kit)
tests_unit_view_test_subtype_LDADD = $(unit_registry)
tests_unit_view_test_subtype_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_suspect
tests_unit_view_test_suspect_SOURCES = %D%/test_suspect.c $(unit_kit)
tests_unit_view_test_suspect_LDADD = $(unit_registry)
tests_unit_view_test_suspect_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_type_srv
tests_unit_view_test_type_srv_SOURCES = %D%/test_type_srv.c $(unit_kit)
tests_unit_view_test_type_srv_LDADD = $(unit_registry)
tests_unit_view_test_type_srv_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_update
tests_unit_view_test_update_SOURCES = %D%/test_update.c $(unit_kit)
tests_unit_view_test_update_LDADD = $(unit_registry)
tests_unit_view_test_update_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_view
tests_unit_view_test_view_SOURCES = %D%/test_view.c $(unit_kit)
tests_unit_view_test_view_LDADD = $(unit_registry)
tests_unit_view_test_view_LDFLAGS = $(unit_memory_flags)
