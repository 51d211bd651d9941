/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The options of weftd.conf(5): server, store, and the tables of entries. A unit test compares them
 * with man/weftd.conf.5. */

#include "conf/load.h"
#include "conf/type.h"
#include "control/commands.h"
#include "settings/settings_priv.h"

#define SERVER(field) offsetof(struct settings_server, field)
#define TCP(field) offsetof(struct server_tcp_options, field)
#define PUSH(field) offsetof(struct server_push_options, field)
#define DSO(field) offsetof(struct server_dso_options, field)
#define TRANSFER(field) offsetof(struct server_transfer_options, field)
#define LIMIT(field) offsetof(struct guard_limit_settings, field)
#define QUEUE(field) offsetof(struct registry_intake_limits, field)
#define STORE(field) offsetof(struct settings_store, field)

enum { LIST = CONF_LIST, RESTART = CONF_RESTART };

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* By enum base_log_level. */
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};

static const struct conf_setting tcp_table[] = {
	{"connections", &conf_type_number, .offset = TCP(connections), .min = 1, .max = 1000000,
	 .initial = "10000"},
	{"connections-per-client", &conf_type_number, .offset = TCP(connections_per_client),
	 .min = 1, .max = 1000000, .initial = "1000"},
	{"idle-timeout", &conf_type_duration, .offset = TCP(idle_timeout_s), .min = 1, .max = 86400,
	 .initial = "30"},
	{"io-timeout", &conf_type_duration, .offset = TCP(io_timeout_s), .min = 1, .max = 3600,
	 .initial = "10"},
	{0},
};

static const struct conf_setting dso_table[] = {
	{"sessions", &conf_type_number, .offset = DSO(sessions), .max = 1000000, .initial = "0",
	 .initial_shown = "0, half of the file descriptors, at most 20000"},
	{"sessions-per-client", &conf_type_number, .offset = DSO(sessions_per_client), .min = 1,
	 .max = 1000000, .initial = "1000"},
	{"inactivity-timeout", &conf_type_timeout, .offset = DSO(inactivity_s), .max = 4000000,
	 .initial = "15"},
	{"keepalive-interval", &conf_type_timeout, .offset = DSO(keepalive_s), .min = 10,
	 .max = 4000000, .initial = "1h"},
	{"retry-delay", &conf_type_duration, .offset = DSO(retry_delay_s), .min = 1, .max = 86400,
	 .initial = "5"},
	{0},
};

static const struct conf_setting push_table[] = {
	{"subscriptions", &conf_type_number, .offset = PUSH(subscriptions), .max = 10000000,
	 .initial = "200000"},
	{"subscriptions-per-session", &conf_type_number, .offset = PUSH(subscriptions_per_session),
	 .min = 1, .max = 65535, .initial = "1000"},
	{"subscriptions-per-client", &conf_type_number, .offset = PUSH(subscriptions_per_client),
	 .min = 1, .max = 10000000, .initial = "20000"},
	{"unsent", &conf_type_size, .offset = PUSH(unsent), .min = 4096, .max = 64 * MIB,
	 .initial = "256K"},
	{0},
};

static const struct conf_setting transfer_table[] = {
	{"at-once", &conf_type_number, .offset = TRANSFER(at_once), .min = 1, .max = 65536,
	 .initial = "128"},
	{"per-client", &conf_type_number, .offset = TRANSFER(per_client), .min = 1, .max = 65536,
	 .initial = "16"},
	{"wait", &conf_type_duration, .offset = TRANSFER(wait_s), .min = 1, .max = 3600,
	 .initial = "10"},
	{"least-rate", &conf_type_number, .offset = TRANSFER(least_rate), .max = 1000000000,
	 .initial = "2000"},
	{"hold", &conf_type_duration, .offset = TRANSFER(hold_s), .min = 1, .max = 7 * 86400,
	 .initial = "600"},
	{0},
};

static const struct conf_setting rate_limit_table[] = {
	{"responses-per-second", &conf_type_number, .offset = LIMIT(responses_per_second),
	 .max = 1000000000, .initial = "0", .initial_shown = "0, no limit"},
	{"window", &conf_type_duration, .offset = LIMIT(window_s), .min = 1, .max = 3600,
	 .initial = "5"},
	{"slip", &conf_type_number, .offset = LIMIT(slip), .max = 100, .initial = "2"},
	{"ipv4-prefix", &conf_type_number, .offset = LIMIT(ipv4_prefix), .min = 1, .max = 32,
	 .initial = "24"},
	{"ipv6-prefix", &conf_type_number, .offset = LIMIT(ipv6_prefix), .min = 1, .max = 128,
	 .initial = "56"},
	{"exempt", &conf_type_prefix, .offset = LIMIT(exempt), .flags = LIST},
	{"large-responses-per-second", &conf_type_number, .offset = LIMIT(large_per_second),
	 .max = 1000000000, .initial = "100"},
	{"large-factor", &conf_type_number, .offset = LIMIT(large_factor), .min = 1, .max = 1000,
	 .initial = "4"},
	{0},
};

static const struct conf_setting update_queue_table[] = {
	{"size", &conf_type_size, .offset = QUEUE(nbytes), .min = MIB, .max = 64 * GIB,
	 .initial = "64M"},
	{"size-per-key", &conf_type_size, .offset = QUEUE(nbytes_per_source), .min = MIB / 4,
	 .max = 64 * GIB, .initial = "16M"},
	{0},
};

static const struct conf_setting log_table[] = {
	{"to", &conf_type_log, .offset = offsetof(struct settings_log, to), .initial = "stderr"},
	{"level", &conf_type_word, .offset = offsetof(struct settings_log, level),
	 .words = level_words, .initial = "info"},
	{0},
};

static const struct conf_setting server_table[] = {
	{"listen", &conf_type_address, .offset = SERVER(listen), .flags = LIST | RESTART,
	 .initial = "0.0.0.0@53 ::@53"},
	{"listen-tls", &conf_type_address, .offset = SERVER(listen_tls), .flags = LIST | RESTART,
	 .port = 853, .initial_shown = "none"},
	{"tls", .offset = SERVER(tls), .table = settings_tls_table},
	{"workers", &conf_type_number, .offset = SERVER(workers), .flags = RESTART, .max = 256,
	 .initial = "0", .initial_shown = "0, one for each CPU"},
	{"state-dir", &conf_type_path, .offset = SERVER(state_dir), .flags = RESTART,
	 .initial = WEFT_STATEDIR},
	{"control", &conf_type_path, .offset = SERVER(control), .flags = RESTART,
	 .initial = CONTROL_SOCKET},
	{"control-group", &conf_type_text, .offset = SERVER(control_group), .flags = RESTART,
	 .max = 64, .initial_shown = "the group of server.user"},
	{"user", &conf_type_text, .offset = SERVER(user), .flags = RESTART, .max = 64,
	 .initial_shown = "the user who started weftd"},
	{"identity", &conf_type_text, .offset = SERVER(options.identity), .max = 255,
	 .initial = ""},
	{"nsid", &conf_type_text, .offset = SERVER(options.nsid), .max = 255, .initial = ""},
	{"version", &conf_type_text, .offset = SERVER(options.version), .max = 255, .initial = ""},
	{"udp-payload", &conf_type_number, .offset = SERVER(options.udp_payload), .min = 512,
	 .max = 4096, .initial = "1232"},
	{"tcp", .offset = SERVER(options.tcp), .table = tcp_table},
	{"dso", .offset = SERVER(options.dso), .table = dso_table},
	{"dso-plain", &conf_type_prefix, .offset = SERVER(options.dso_plain), .flags = LIST,
	 .initial = "127.0.0.0/8 ::1"},
	{"push", .offset = SERVER(options.push), .table = push_table},
	{"transfer", .offset = SERVER(options.transfer), .table = transfer_table},
	{"cookie-secret", &conf_type_hex, .offset = SERVER(cookie_secrets), .flags = LIST,
	 .initial_shown = "random"},
	{"update-queue", .offset = SERVER(options.update_queue), .table = update_queue_table},
	{"read-from", &conf_type_path, .offset = SERVER(read_from), .flags = LIST | RESTART,
	 .initial_shown = "none"},
	{"rate-limit", .offset = SERVER(options.rate_limit), .table = rate_limit_table},
	{"log", .offset = SERVER(log), .table = log_table},
	{"metrics", &conf_type_address, .offset = SERVER(metrics), .flags = LIST | RESTART,
	 .port = 9153, .initial_shown = "none"},
	{0},
};

static const struct conf_setting store_table[] = {
	{"history-size", &conf_type_size, .offset = STORE(history_size), .flags = RESTART,
	 .min = MIB, .max = 1024 * GIB, .initial = "256M"},
	{"history-age", &conf_type_age, .offset = STORE(history_age_s), .flags = RESTART,
	 .max = 3650ull * 86400, .initial = "0", .initial_shown = "0, no limit by age"},
	{"segment-size", &conf_type_size, .offset = STORE(segment_size), .flags = RESTART,
	 .min = MIB, .max = GIB, .initial = "16M"},
	{"checkpoint-size", &conf_type_size, .offset = STORE(checkpoint_size), .min = MIB,
	 .max = 1024 * GIB, .initial = "128M"},
	{0},
};

const struct conf_setting settings_table[] = {
	{"include", .flags = LIST, .read = conf_load_included},
	{"server", .offset = offsetof(struct settings, server), .table = server_table},
	{"store", .offset = offsetof(struct settings, store), .table = store_table},
	{"key", .table = settings_key_table, .read = settings_key_read},
	{"fabric", .table = settings_fabric_table, .read = settings_fabric_read},
	{"zone", .table = settings_zone_table, .read = settings_zone_read},
	{"mdns", .table = settings_mdns_table, .read = settings_mdns_read},
	{0},
};
