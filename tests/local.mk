# `make check` builds the unit tests and fuzz replays, then tests/run-all runs every suite and
# prints the sum as its last line.
#
# A unit test is one cmocka program for each source file. It links its room and the rooms below, and
# text/ where its kit makes zones from text:
#
#	check_PROGRAMS += %D%/test_FILE                          in tests/unit/ROOM/local.mk
#	tests_unit_ROOM_test_FILE_LDADD = $(unit_ROOM)
#
# A fuzz target is two lines in tests/fuzz/local.mk.

unit_base = $(base_link) $(CMOCKA_LIBS)
unit_archive = $(archive_link) $(CMOCKA_LIBS)
unit_process = $(process_link) $(CMOCKA_LIBS)
unit_dns = $(dns_link) $(CMOCKA_LIBS)
unit_dnssd = $(dnssd_link) $(CMOCKA_LIBS)
unit_text = $(text_link) $(CMOCKA_LIBS)
unit_control = $(control_link) $(CMOCKA_LIBS)
unit_conf = $(conf_link) $(CMOCKA_LIBS)
unit_schema = $(schema_link) $(CMOCKA_LIBS)
unit_spec = $(spec_link) $(CMOCKA_LIBS)
unit_fabric = $(fabric_link) $(CMOCKA_LIBS)
unit_zone = $(zone_link) $(text_link) $(CMOCKA_LIBS)
unit_answer = $(answer_link) $(text_link) $(CMOCKA_LIBS)
unit_journal = $(offline_link) $(CMOCKA_LIBS)
unit_undo = $(undo_link) $(CMOCKA_LIBS)
unit_ledger = $(ledger_link) $(text_link) $(CMOCKA_LIBS)
unit_place = $(place_link) $(CMOCKA_LIBS)
unit_view = $(view_link) $(text_link) $(CMOCKA_LIBS)
unit_update = $(update_link) $(text_link) $(CMOCKA_LIBS)
unit_registry = $(registry_link) $(text_link) $(CMOCKA_LIBS)
unit_listing = $(listing_link) $(text_link) $(CMOCKA_LIBS)
unit_hosting = $(hosting_link) $(CMOCKA_LIBS)
unit_transfer = $(transfer_link) $(text_link) $(CMOCKA_LIBS)
unit_push = $(push_link) $(text_link) $(CMOCKA_LIBS)
unit_guard = $(guard_link) $(CMOCKA_LIBS)
unit_server = $(server_link) $(text_link) $(CMOCKA_LIBS)
unit_stream = $(stream_link) $(text_link) $(CMOCKA_LIBS)
unit_settings = $(settings_link) $(CMOCKA_LIBS)
unit_lan = $(lan_link) $(CMOCKA_LIBS)
unit_mdns = $(mdns_link) $(text_link) $(CMOCKA_LIBS)
unit_advertise = $(advertise_link) $(text_link) $(CMOCKA_LIBS)
unit_discover = $(discover_link) $(text_link) $(CMOCKA_LIBS)
unit_web = $(web_link) $(CMOCKA_LIBS)
unit_daemon = $(daemon_link) $(CMOCKA_LIBS)
unit_resolve = $(resolve_link) $(CMOCKA_LIBS)
unit_client = $(client_link) $(CMOCKA_LIBS)
unit_locate = $(locate_link) $(CMOCKA_LIBS)
unit_follow = $(follow_link) $(CMOCKA_LIBS)
unit_find = $(find_link) $(CMOCKA_LIBS)
unit_reach = $(reach_link) $(CMOCKA_LIBS)
unit_history = $(history_link) $(CMOCKA_LIBS)
unit_registrant = $(registrant_link) $(CMOCKA_LIBS)
unit_address = $(address_link) $(CMOCKA_LIBS)
unit_api = $(api_link) $(CMOCKA_LIBS)
unit_child = $(child_link) $(CMOCKA_LIBS)
unit_supervise = $(supervise_link) $(CMOCKA_LIBS)
unit_ocf = $(ocf_link) $(CMOCKA_LIBS)
unit_outfit = $(outfit_link) $(CMOCKA_LIBS)
unit_agent = $(agent_link) $(CMOCKA_LIBS)
unit_assign = $(assign_link) $(CMOCKA_LIBS)
unit_depend = $(depend_link) $(CMOCKA_LIBS)
unit_agentd = $(agentd_link) $(CMOCKA_LIBS)
unit_cli = $(cli_link) $(CMOCKA_LIBS)
unit_doctor = $(doctor_link) $(CMOCKA_LIBS)
unit_setup = $(setup_link) $(CMOCKA_LIBS)
unit_fleet = $(fleet_link) $(CMOCKA_LIBS)
unit_atlas = $(atlas_link) $(CMOCKA_LIBS)
unit_declare = $(declare_link) $(CMOCKA_LIBS)
unit_remote = $(remote_link) $(CMOCKA_LIBS)
unit_service = $(service_link) $(CMOCKA_LIBS)
unit_export = $(export_link) $(CMOCKA_LIBS)

# Sources that tests of several rooms share. A program with unit_memory, and so one with unit_kit,
# sets its LDFLAGS to unit_memory_flags.
unit_answers = tests/unit/doctor/answers.c tests/unit/doctor/answers.h
unit_folder = tests/unit/folder.c tests/unit/folder.h
unit_follower = tests/unit/follower.c tests/unit/follower.h
unit_hash_key = tests/unit/hash_key.c tests/unit/hash_key.h
unit_instance = tests/unit/service/instance.c tests/unit/service/instance.h
unit_home = tests/unit/outfit/home.c tests/unit/outfit/home.h tests/unit/spec/kit.c tests/unit/spec/kit.h \
	tests/unit/child/bench.c tests/unit/child/bench.h tests/unit/supervise/bench_host.c tests/unit/supervise/bench_host.h
unit_json = tests/unit/json.c tests/unit/json.h
unit_threads = tests/unit/threads.c tests/unit/threads.h
unit_zone_made = tests/unit/atlas/zone_made.c tests/unit/atlas/zone_made.h
unit_page = tests/unit/page.c tests/unit/page.h
unit_options_page = tests/unit/options_page.c tests/unit/options_page.h $(unit_page)
unit_memory = tests/unit/memory.c tests/unit/memory.h
unit_memory_flags = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=free
unit_kit = tests/unit/registry/kit.c tests/unit/registry/kit.h $(unit_memory)

if HAVE_CMOCKA
include tests/unit/base/local.mk
include tests/unit/process/local.mk
include tests/unit/archive/local.mk
include tests/unit/dns/local.mk
include tests/unit/dnssd/local.mk
include tests/unit/text/local.mk
include tests/unit/control/local.mk
include tests/unit/conf/local.mk
include tests/unit/schema/local.mk
include tests/unit/spec/local.mk
include tests/unit/fabric/local.mk
include tests/unit/zone/local.mk
include tests/unit/answer/local.mk
include tests/unit/journal/local.mk
include tests/unit/undo/local.mk
include tests/unit/ledger/local.mk
include tests/unit/place/local.mk
include tests/unit/view/local.mk
include tests/unit/update/local.mk
include tests/unit/registry/local.mk
include tests/unit/listing/local.mk
include tests/unit/hosting/local.mk
include tests/unit/transfer/local.mk
include tests/unit/push/local.mk
include tests/unit/guard/local.mk
include tests/unit/server/local.mk
include tests/unit/stream/local.mk
include tests/unit/settings/local.mk
if HAVE_AVAHI
include tests/unit/lan/local.mk
include tests/unit/mdns/local.mk
include tests/unit/advertise/local.mk
include tests/unit/discover/local.mk
endif
include tests/unit/web/local.mk
include tests/unit/daemon/local.mk
include tests/unit/resolve/local.mk
include tests/unit/client/local.mk
include tests/unit/locate/local.mk
include tests/unit/find/local.mk
include tests/unit/follow/local.mk
include tests/unit/reach/local.mk
include tests/unit/registrant/local.mk
include tests/unit/address/local.mk
include tests/unit/history/local.mk
include tests/unit/api/local.mk
include tests/unit/child/local.mk
include tests/unit/supervise/local.mk
include tests/supervise/local.mk
include tests/unit/ocf/local.mk
include tests/unit/outfit/local.mk
include tests/unit/agent/local.mk
include tests/unit/assign/local.mk
include tests/unit/depend/local.mk
include tests/unit/agentd/local.mk
include tests/unit/cli/local.mk
include tests/unit/remote/local.mk
include tests/unit/service/local.mk
include tests/unit/export/local.mk
include tests/unit/atlas/local.mk
include tests/unit/fleet/local.mk
include tests/unit/setup/local.mk
include tests/unit/declare/local.mk
include tests/unit/doctor/local.mk
endif

include tests/client/local.mk
include tests/lan_tool/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/differ/local.mk

EXTRA_DIST += tests/lan tests/run-all tests/read_source.py tests/thread.supp
EXTRA_DIST += tests/check-arrows tests/check-conversion tests/check-headers
EXTRA_DIST += tests/check-log tests/check-names tests/check-style
EXTRA_DIST += tests/check-tests tests/check-words
EXTRA_DIST += tests/packages tests/system tests/fuzz/corpus

check-local: $(check_PROGRAMS) $(sbin_PROGRAMS) $(bin_PROGRAMS)
	@SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' \
		CC='$(CC)' CHECK_FLAGS='-include config.h $(AM_CFLAGS) $(CFLAGS)' \
		WEFTD='$(abs_top_builddir)/weftd' WEFT='$(abs_top_builddir)/weft' \
		/usr/bin/python3 -B $(srcdir)/tests/run-all $(check_PROGRAMS)

# Fuzzes each target for FUZZ_SECONDS (configure with --enable-fuzz). Leaks are looked for when the
# corpora are replayed: ldns has some over malformed records. What it finds new is left in
# fuzz-found/ of the build folder.
FUZZ_SECONDS = 10
fuzz_targets = $(filter tests/fuzz/fuzz_%,$(check_PROGRAMS))

fuzz: $(fuzz_targets)
	@for target in $(fuzz_targets); do \
		name=$${target##*/fuzz_}; corpus=$(srcdir)/tests/fuzz/corpus/$$name; \
		$(MKDIR_P) fuzz-found/$$name; \
		echo "== fuzz $$name"; \
		ASAN_OPTIONS=detect_leaks=0 ./$$target -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=fuzz-found/$$name- fuzz-found/$$name \
			$$(test -d $$corpus && echo $$corpus) || exit 1; \
	done

clean-local:
	rm -rf fuzz-found

.PHONY: fuzz
