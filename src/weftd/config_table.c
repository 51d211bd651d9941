/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* All settings of weftd.conf(5). Each stands in man/weftd.conf.5 too; a test compares. */

#include "update/report.h"
#include "weftd/config_priv.h"

#define SERVER(field) offsetof(struct weftd_config_server, field)
#define TCP(field) offsetof(struct server_tcp_options, field)
#define LIMIT(field) offsetof(struct server_limit_settings, field)
#define STORE(field) offsetof(struct weftd_config_store, field)
#define KEY(field) offsetof(struct weftd_config_key_entry, field)
#define FABRIC(field) offsetof(struct weftd_config_fabric_entry, field)
#define ZONE(field) offsetof(struct weftd_config_zone_entry, field)
#define SERVICES(field) offsetof(struct view_rule, field)
#define SUSPECT(field) offsetof(struct view_suspect_rule, field)
#define LEASE(field) offsetof(struct ledger_lease_rule, field)

enum { LIST = CONF_LIST, RESTART = CONF_RESTART, REQUIRED = CONF_REQUIRED };

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static const char *const yes_words[] = {"no", "yes", NULL};
static const char *const enable_words[] = {"no", "yes", "auto", NULL};

/* The orders of enum view_then and enum view_panic. */
static const char *const then_words[] = {"demote", "withdraw", "ignore", NULL};
static const char *const panic_words[] = {"all", "last", "none", NULL};

enum { LEASE_MAX_S = 365 * 86400 };

/* The order is that of enum base_log_level. */
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};

static const struct conf_setting tcp_table[] = {
	{"connections", &conf_number, .offset = TCP(connections), .min = 1, .max = 1000000,
	 .initial = "10000"},
	{"connections-per-client", &conf_number, .offset = TCP(connections_per_client), .min = 1,
	 .max = 1000000, .initial = "1000"},
	{"idle-timeout", &conf_duration, .offset = TCP(idle_timeout_s), .min = 1, .max = 86400,
	 .initial = "30"},
	{"io-timeout", &conf_duration, .offset = TCP(io_timeout_s), .min = 1, .max = 3600,
	 .initial = "10"},
	{0},
};

static const struct conf_setting rate_limit_table[] = {
	{"responses-per-second", &conf_number, .offset = LIMIT(responses_per_second),
	 .max = 1000000000, .initial = "0", .initial_shown = "0, no limit"},
	{"window", &conf_duration, .offset = LIMIT(window_s), .min = 1, .max = 3600,
	 .initial = "5"},
	{"slip", &conf_number, .offset = LIMIT(slip), .max = 100, .initial = "2"},
	{"ipv4-prefix", &conf_number, .offset = LIMIT(ipv4_prefix), .min = 1, .max = 32,
	 .initial = "24"},
	{"ipv6-prefix", &conf_number, .offset = LIMIT(ipv6_prefix), .min = 1, .max = 128,
	 .initial = "56"},
	{"exempt", &conf_prefix, .offset = LIMIT(exempt), .flags = LIST},
	{0},
};

static const struct conf_setting log_table[] = {
	{"to", &conf_log, .offset = offsetof(struct weftd_config_log, to), .initial = "stderr"},
	{"level", &conf_word, .offset = offsetof(struct weftd_config_log, level),
	 .words = level_words, .initial = "info"},
	{0},
};

static const struct conf_setting server_table[] = {
	{"listen", &conf_address, .offset = SERVER(listen), .flags = LIST | RESTART,
	 .initial = "0.0.0.0@53 ::@53"},
	{"workers", &conf_number, .offset = SERVER(workers), .flags = RESTART, .max = 256,
	 .initial = "0", .initial_shown = "0, one for each CPU"},
	{"state-dir", &conf_path, .offset = SERVER(state_dir), .flags = RESTART,
	 .initial = WEFT_STATEDIR},
	{"control", &conf_path, .offset = SERVER(control), .flags = RESTART,
	 .initial = WEFT_RUNDIR "/weftd.sock"},
	{"control-group", &conf_text, .offset = SERVER(control_group), .flags = RESTART, .max = 64,
	 .initial_shown = "the group of server.user"},
	{"user", &conf_text, .offset = SERVER(user), .flags = RESTART, .max = 64,
	 .initial_shown = "the user who started weftd"},
	{"identity", &conf_text, .offset = SERVER(options.identity), .max = 255, .initial = ""},
	{"nsid", &conf_text, .offset = SERVER(options.nsid), .max = 255, .initial = ""},
	{"version", &conf_text, .offset = SERVER(options.version), .max = 255, .initial = ""},
	{"udp-payload", &conf_number, .offset = SERVER(options.udp_payload), .min = 512, .max = 4096,
	 .initial = "1232"},
	{"tcp", .offset = SERVER(options.tcp), .table = tcp_table},
	{"cookie-secret", &conf_hex, .offset = SERVER(cookie_secrets), .flags = LIST,
	 .initial_shown = "random"},
	{"rate-limit", .offset = SERVER(options.rate_limit), .table = rate_limit_table},
	{"log", .offset = SERVER(log), .table = log_table},
	{0},
};

static const struct conf_setting store_table[] = {
	{"history-size", &conf_size, .offset = STORE(history_size), .flags = RESTART, .min = MIB,
	 .max = 1024 * GIB, .initial = "256M"},
	{"history-age", &conf_age, .offset = STORE(history_age_s), .flags = RESTART,
	 .max = 3650ull * 86400, .initial = "0", .initial_shown = "0, no limit by age"},
	{"segment-size", &conf_size, .offset = STORE(segment_size), .flags = RESTART, .min = MIB,
	 .max = GIB, .initial = "16M"},
	{"checkpoint-size", &conf_size, .offset = STORE(checkpoint_size), .min = MIB,
	 .max = 1024 * GIB, .initial = "128M"},
	{0},
};

const struct conf_setting weftd_config_key_table[] = {
	{"name", &conf_place, .offset = KEY(name), .initial_shown = "the names in key-file"},
	{"algorithm", &conf_place, .offset = KEY(algorithm), .initial_shown = "hmac-sha256"},
	{"secret", &conf_secret, .offset = KEY(secret)},
	{"secret-file", &conf_file, .offset = KEY(secret_file)},
	{"key-file", &conf_file, .offset = KEY(key_file)},
	{0},
};

const struct conf_setting weftd_config_fabric_table[] = {
	{"name", &conf_place, .offset = FABRIC(name), .flags = REQUIRED},
	{"key-file", &conf_file, .offset = FABRIC(fabric.key_file), .flags = REQUIRED},
	{"overlap", &conf_duration, .offset = FABRIC(fabric.overlap_s), .max = 3650u * 86400,
	 .initial = "7d"},
	{"passphrase-file", &conf_file, .offset = FABRIC(fabric.passphrase_file)},
	{0},
};

static const struct conf_setting update_table[] = {
	{"key", &conf_place, .offset = ZONE(update.key) - ZONE(update), .flags = LIST},
	{"policy", &conf_place, .offset = ZONE(update.policy) - ZONE(update), .flags = LIST},
	{"fabric", &conf_place, .offset = ZONE(update.fabric) - ZONE(update)},
	{0},
};

static const struct conf_setting lease_table[] = {
	{"minimum", &conf_duration, .offset = LEASE(minimum_s), .min = 1, .max = LEASE_MAX_S,
	 .initial = "30"},
	{"maximum", &conf_duration, .offset = LEASE(maximum_s), .min = 1, .max = LEASE_MAX_S,
	 .initial = "2h"},
	{"key-maximum", &conf_duration, .offset = LEASE(key_maximum_s), .min = 1,
	 .max = LEASE_MAX_S, .initial = "14d"},
	{"default", &conf_duration, .offset = LEASE(default_s), .max = LEASE_MAX_S, .initial = "0",
	 .initial_shown = "0, none"},
	{"grace", &conf_duration, .offset = LEASE(grace_s), .max = 86400,
	 .initial_shown = "a third of the lease, at most 60"},
	{0},
};

static const struct conf_setting services_table[] = {
	{"enable", &conf_word, .offset = SERVICES(is_on), .words = enable_words, .initial = "auto",
	 .initial_shown = "yes with update.fabric, otherwise no"},
	{"srv", &conf_word, .offset = SERVICES(has_srv), .words = yes_words, .initial = "yes"},
	{"srv-max", &conf_number, .offset = SERVICES(srv_max), .min = 1, .max = VIEW_SRV_MAX,
	 .initial = "64"},
	{"weight-scale", &conf_number, .offset = SERVICES(weight_scale), .max = 65535,
	 .initial = "1"},
	{"reverse", &conf_word, .offset = SERVICES(has_reverse), .words = yes_words,
	 .initial = "yes"},
	{"ttl", &conf_duration, .offset = SERVICES(ttl_s), .max = 86400, .initial = "10"},
	{"negative-ttl", &conf_duration, .offset = SERVICES(negative_ttl_s), .max = 86400,
	 .initial = "5"},
	{0},
};

static const struct conf_setting suspect_table[] = {
	{"reports", &conf_number, .offset = SUSPECT(reports), .min = 1, .max = UPDATE_REPORTS_MAX,
	 .initial = "2"},
	{"within", &conf_duration, .offset = SUSPECT(within_s), .min = 1, .max = 3600,
	 .initial = "10"},
	{"then", &conf_word, .offset = SUSPECT(then), .words = then_words, .initial = "demote"},
	{"panic", &conf_word, .offset = SUSPECT(panic), .words = panic_words, .initial = "all"},
	{0},
};

static const struct conf_setting transfer_table[] = {
	{"key", &conf_place, .offset = ZONE(transfer.key) - ZONE(transfer), .flags = LIST},
	{"address", &conf_prefix, .offset = ZONE(transfer.address) - ZONE(transfer), .flags = LIST},
	{0},
};

const struct conf_setting weftd_config_zone_table[] = {
	{"name", &conf_place, .offset = ZONE(name), .flags = REQUIRED},
	{"file", &conf_file, .offset = ZONE(file), .flags = REQUIRED},
	{"update", .offset = ZONE(update), .table = update_table},
	{"lease", .offset = ZONE(zone.lease), .table = lease_table},
	{"service-view", .offset = ZONE(zone.services), .table = services_table},
	{"suspect", .offset = ZONE(zone.services.suspect), .table = suspect_table},
	{"transfer", .offset = ZONE(transfer), .table = transfer_table},
	{"notify", &conf_address, .offset = ZONE(zone.notify), .flags = LIST},
	{0},
};

const struct conf_setting weftd_config_table[] = {
	{"include", .flags = LIST, .read = weftd_config_read_include},
	{"server", .offset = offsetof(struct weftd_config, server), .table = server_table},
	{"store", .offset = offsetof(struct weftd_config, store), .table = store_table},
	{"key", .table = weftd_config_key_table, .read = weftd_config_read_keys},
	{"fabric", .table = weftd_config_fabric_table, .read = weftd_config_read_fabrics},
	{"zone", .table = weftd_config_zone_table, .read = weftd_config_read_zones},
	{0},
};
