# The fuzz targets: LLVMFuzzerTestOneInput in fuzz_X.c, seeds and found cases in corpus/X/.
#
#	check_PROGRAMS += %D%/fuzz_X
#	tests_fuzz_fuzz_X_LDADD = $(fuzz_engine) $(ROOM_link)
#
# With --enable-fuzz each is a libFuzzer program; without, it replays the files it is given.

if FUZZ
fuzz_engine = $(FUZZ_ENGINE)
else
fuzz_engine = tests/fuzz/libreplay.a
check_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = %D%/replay.c
endif

check_PROGRAMS += %D%/fuzz_zonefile
tests_fuzz_fuzz_zonefile_LDADD = $(fuzz_engine) $(zone_link) $(text_link)

check_PROGRAMS += %D%/fuzz_answer
tests_fuzz_fuzz_answer_SOURCES = %D%/fuzz_answer.c %D%/response.h
tests_fuzz_fuzz_answer_LDADD = $(fuzz_engine) $(client_link)

check_PROGRAMS += %D%/fuzz_archive
tests_fuzz_fuzz_archive_LDADD = $(fuzz_engine) $(archive_link)

check_PROGRAMS += %D%/fuzz_atlas
tests_fuzz_fuzz_atlas_LDADD = $(fuzz_engine) $(fleet_link)

check_PROGRAMS += %D%/fuzz_ask
tests_fuzz_fuzz_ask_SOURCES = %D%/fuzz_ask.c %D%/response.h
tests_fuzz_fuzz_ask_LDADD = $(fuzz_engine) $(locate_link)

check_PROGRAMS += %D%/fuzz_import
tests_fuzz_fuzz_import_LDADD = $(fuzz_engine) $(import_link)

check_PROGRAMS += %D%/fuzz_config
tests_fuzz_fuzz_config_LDADD = $(fuzz_engine) $(settings_link)

check_PROGRAMS += %D%/fuzz_fabric
tests_fuzz_fuzz_fabric_LDADD = $(fuzz_engine) $(fabric_link)

check_PROGRAMS += %D%/fuzz_keyfile
tests_fuzz_fuzz_keyfile_LDADD = $(fuzz_engine) $(fabric_link)

if HAVE_AVAHI
check_PROGRAMS += %D%/fuzz_marker
tests_fuzz_fuzz_marker_LDADD = $(fuzz_engine) $(mdns_link)

check_PROGRAMS += %D%/fuzz_translate
tests_fuzz_fuzz_translate_LDADD = $(fuzz_engine) $(discover_link)
endif

check_PROGRAMS += %D%/fuzz_msg
tests_fuzz_fuzz_msg_LDADD = $(fuzz_engine) $(dns_link)

check_PROGRAMS += %D%/fuzz_dso
tests_fuzz_fuzz_dso_SOURCES = %D%/fuzz_dso.c %D%/response.h
tests_fuzz_fuzz_dso_LDADD = $(fuzz_engine) $(dns_link)

check_PROGRAMS += %D%/fuzz_tsig
tests_fuzz_fuzz_tsig_LDADD = $(fuzz_engine) $(dns_link)

check_PROGRAMS += %D%/fuzz_update
tests_fuzz_fuzz_update_LDADD = $(fuzz_engine) $(registry_link)

check_PROGRAMS += %D%/fuzz_lease
tests_fuzz_fuzz_lease_LDADD = $(fuzz_engine) $(registry_link)

check_PROGRAMS += %D%/fuzz_query
tests_fuzz_fuzz_query_SOURCES = %D%/fuzz_query.c %D%/response.h
tests_fuzz_fuzz_query_LDADD = $(fuzz_engine) $(server_link) $(text_link)

check_PROGRAMS += %D%/fuzz_push_client
tests_fuzz_fuzz_push_client_SOURCES = %D%/fuzz_push_client.c %D%/response.h
tests_fuzz_fuzz_push_client_LDADD = $(fuzz_engine) $(client_link)

check_PROGRAMS += %D%/fuzz_session
tests_fuzz_fuzz_session_SOURCES = %D%/fuzz_session.c %D%/response.h
tests_fuzz_fuzz_session_LDADD = $(fuzz_engine) $(push_link)

check_PROGRAMS += %D%/fuzz_sequence
tests_fuzz_fuzz_sequence_SOURCES = %D%/fuzz_sequence.c %D%/response.h %D%/sequence.h \
	%D%/sequence_message.c %D%/sequence_world.c $(unit_memory)
tests_fuzz_fuzz_sequence_LDADD = $(fuzz_engine) liblisting.a $(server_link)
tests_fuzz_fuzz_sequence_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/fuzz_stream
tests_fuzz_fuzz_stream_SOURCES = %D%/fuzz_stream.c %D%/response.h
tests_fuzz_fuzz_stream_LDADD = $(fuzz_engine) $(stream_link)

check_PROGRAMS += %D%/fuzz_update_response
tests_fuzz_fuzz_update_response_SOURCES = %D%/fuzz_update_response.c %D%/response.h
tests_fuzz_fuzz_update_response_LDADD = $(fuzz_engine) $(dns_link)

check_PROGRAMS += %D%/fuzz_instances
tests_fuzz_fuzz_instances_SOURCES = %D%/fuzz_instances.c %D%/response.h
tests_fuzz_fuzz_instances_LDADD = $(fuzz_engine) $(find_link)

check_PROGRAMS += %D%/fuzz_schema
tests_fuzz_fuzz_schema_LDADD = $(fuzz_engine) $(schema_link)

check_PROGRAMS += %D%/fuzz_spec
tests_fuzz_fuzz_spec_LDADD = $(fuzz_engine) $(spec_link)

check_PROGRAMS += %D%/fuzz_metadata
tests_fuzz_fuzz_metadata_LDADD = $(fuzz_engine) $(ocf_link)

check_PROGRAMS += %D%/fuzz_whoami
tests_fuzz_fuzz_whoami_SOURCES = %D%/fuzz_whoami.c %D%/response.h
tests_fuzz_fuzz_whoami_LDADD = $(fuzz_engine) $(address_link)

check_PROGRAMS += %D%/fuzz_keep
tests_fuzz_fuzz_keep_SOURCES = %D%/fuzz_keep.c %D%/scratch.h
tests_fuzz_fuzz_keep_LDADD = $(fuzz_engine) $(agent_link)

check_PROGRAMS += %D%/fuzz_copies
tests_fuzz_fuzz_copies_SOURCES = %D%/fuzz_copies.c %D%/scratch.h
tests_fuzz_fuzz_copies_LDADD = $(fuzz_engine) $(assign_link)

check_PROGRAMS += %D%/fuzz_history_file
tests_fuzz_fuzz_history_file_SOURCES = %D%/fuzz_history_file.c %D%/scratch.h
tests_fuzz_fuzz_history_file_LDADD = $(fuzz_engine) $(history_link)

check_PROGRAMS += %D%/fuzz_unit_state
tests_fuzz_fuzz_unit_state_SOURCES = %D%/fuzz_unit_state.c %D%/scratch.h
tests_fuzz_fuzz_unit_state_LDADD = $(fuzz_engine) $(supervise_link)

check_PROGRAMS += %D%/fuzz_notify
tests_fuzz_fuzz_notify_LDADD = $(fuzz_engine) $(supervise_link)
