/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "settings/settings.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX];

/* The reports, as `file:line: text` lines without the folder; warnings begin with `w `. */
static char reports[8000];

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t used = strlen(reports), nfolder = strlen(folder) + 1;
	const char *file = error->at.file;
	char *at;

	(void)arg;
	if (strncmp(file, folder, strlen(folder)) == 0)
		file += nfolder;
	snprintf(reports + used, sizeof(reports) - used, "%s%s:%u: %s\n",
		 level == BASE_LOG_WARNING ? "w " : "", file, error->at.line, error->text);
	while ((at = strstr(reports + used, folder)) != NULL)
		memmove(at, at + nfolder, strlen(at + nfolder) + 1);
}

static int config_load(struct settings **out, const char *text)
{
	char path[128];

	folder_write(folder, "weftd.conf", text);
	snprintf(path, sizeof(path), "%s/weftd.conf", folder);
	reports[0] = '\0';
	return settings_load(out, path, report, NULL);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "config");
	folder_write(folder, "lab.zone", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void an_empty_file_gives_the_defaults(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, ""), 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->server.listen.count, 2);
	assert_int_equal(config->server.options.udp_payload, 1232);
	assert_int_equal(config->server.options.tcp.idle_timeout_s, 30);
	assert_int_equal(config->server.options.dso.inactivity_s, 15);
	assert_int_equal(config->server.options.dso.keepalive_s, 3600);
	assert_int_equal(config->server.options.dso_plain.count, 2);
	assert_int_equal(config->store.history_size, 256 << 20);
	assert_int_equal(config->server.log.level, BASE_LOG_INFO);
	assert_string_equal(config->server.log.to, "stderr");
	assert_null(config->server.user);
	assert_string_equal(config->server.options.identity, "");
	assert_int_equal(config->nzones, 0);
	settings_free(config);
}

static void every_option_reaches_its_field(void **state)
{
	static const char text[] =
		"server:\n"
		"  listen: [127.0.0.1@5300, \"::1@5301\", 10.0.0.1]\n"
		"  workers: 3\n"
		"  state-dir: state\n"
		"  control: /run/x.sock\n"
		"  control-group: adm\n"
		"  user: nobody\n"
		"  identity: ns 1\n"
		"  nsid: n1\n"
		"  version: weft\n"
		"  udp-payload: 1400\n"
		"  tcp: {connections: 7, connections-per-client: 6, idle-timeout: 2m, io-timeout: "
		"9}\n"
		"  dso: {sessions: 5, sessions-per-client: 4, inactivity-timeout: never,\n"
		"    keepalive-interval: 30m, retry-delay: 2}\n"
		"  dso-plain: [10.0.0.0/8]\n"
		"  cookie-secret: [000102030405060708090a0b0c0d0e0f, "
		"FF0102030405060708090a0b0c0d0e0f]\n"
		"  rate-limit: {responses-per-second: 20, window: 15, slip: 3, ipv4-prefix: 25,\n"
		"    ipv6-prefix: 48, exempt: [10.0.0.0/8]}\n"
		"  log: {to: syslog, level: debug}\n"
		"  metrics: [\"::1\", 127.0.0.1@9000]\n"
		"store: {history-size: 1G, history-age: 7d, segment-size: 4M, checkpoint-size: "
		"2048K}\n"
		"key:\n"
		"  - {name: Bench, algorithm: hmac-sha512, secret: c2VjcmV0}\n"
		"zone:\n"
		"  - name: Lab.Cloud\n"
		"    file: lab.zone\n"
		"    update: {key: bench}\n"
		"    transfer: {key: [bench.], address: [10.0.0.0/8, \"::1\"]}\n"
		"    notify: 127.0.0.1@5302\n"
		"  - {name: x.test, file: lab.zone, update: {policy: [\"grant a zonesub ANY\",\n"
		"    \"deny * zonesub\"]}}\n";
	const struct settings_server *server;
	const struct settings_zone *zone;
	struct settings *config;
	char path[128];

	(void)state;
	assert_int_equal(config_load(&config, text), 0);
	assert_string_equal(reports, "w weftd.conf:29: notify: NOTIFY is not sent yet\n");
	server = &config->server;
	assert_int_equal(server->listen.count, 3);
	assert_int_equal(ntohs(((struct sockaddr_in *)&server->listen.items[2])->sin_port), 53);
	assert_int_equal(server->workers, 3);
	snprintf(path, sizeof(path), "%s/state", folder);
	assert_string_equal(server->state_dir, path);
	assert_string_equal(server->control, "/run/x.sock");
	assert_string_equal(server->control_group, "adm");
	assert_string_equal(server->user, "nobody");
	assert_string_equal(server->options.identity, "ns 1");
	assert_string_equal(server->options.nsid, "n1");
	assert_string_equal(server->options.version, "weft");
	assert_int_equal(server->options.udp_payload, 1400);
	assert_int_equal(server->options.tcp.connections, 7);
	assert_int_equal(server->options.tcp.connections_per_client, 6);
	assert_int_equal(server->options.tcp.idle_timeout_s, 120);
	assert_int_equal(server->options.tcp.io_timeout_s, 9);
	assert_int_equal(server->options.dso.sessions, 5);
	assert_int_equal(server->options.dso.sessions_per_client, 4);
	assert_int_equal(server->options.dso.inactivity_s, UINT32_MAX);
	assert_int_equal(server->options.dso.keepalive_s, 1800);
	assert_int_equal(server->options.dso.retry_delay_s, 2);
	assert_int_equal(server->options.dso_plain.count, 1);
	assert_int_equal(server->cookie_secrets.count, 2);
	assert_int_equal(server->cookie_secrets.items[1][0], 0xff);
	assert_int_equal(server->cookie_secrets.items[1][15], 0x0f);
	assert_int_equal(server->options.rate_limit.responses_per_second, 20);
	assert_int_equal(server->options.rate_limit.window_s, 15);
	assert_int_equal(server->options.rate_limit.slip, 3);
	assert_int_equal(server->options.rate_limit.ipv4_prefix, 25);
	assert_int_equal(server->options.rate_limit.ipv6_prefix, 48);
	assert_int_equal(server->options.rate_limit.exempt.count, 1);
	assert_int_equal(server->metrics.count, 2);
	assert_int_equal(ntohs(((struct sockaddr_in6 *)&server->metrics.items[0])->sin6_port),
			 9153);
	assert_int_equal(ntohs(((struct sockaddr_in *)&server->metrics.items[1])->sin_port), 9000);
	assert_string_equal(server->log.to, "syslog");
	assert_int_equal(server->log.level, BASE_LOG_DEBUG);
	assert_int_equal(config->store.history_size, 1 << 30);
	assert_int_equal(config->store.history_age_s, 7 * 86400);
	assert_int_equal(config->store.segment_size, 4 << 20);
	assert_int_equal(config->store.checkpoint_size, 2 << 20);

	assert_int_equal(config->nkeys, 1);
	assert_string_equal(config->keys->name, "bench.");
	assert_int_equal(config->keys->key.secret.nbytes, 6);

	assert_int_equal(config->nzones, 2);
	zone = settings_zone_find(config, (const uint8_t *)"\3lab\5cloud");
	assert_ptr_equal(zone, config->zones);
	assert_string_equal(zone->name_text, "lab.cloud.");
	snprintf(path, sizeof(path), "%s/lab.zone", folder);
	assert_string_equal(zone->file, path);
	assert_int_equal(zone->update_keys.count, 1);
	assert_ptr_equal(zone->update_keys.items[0], config->keys);
	assert_int_equal(zone->transfer_keys.count, 1);
	assert_int_equal(zone->transfer_addresses.count, 2);
	assert_int_equal(zone->notify.count, 1);
	zone = zone->next;
	assert_int_equal(zone->update_policy.count, 2);
	assert_string_equal(zone->update_policy.items[1].text, "deny * zonesub");
	assert_int_equal(zone->update_policy.items[1].at.line, 31);
	assert_null(settings_zone_find(config, (const uint8_t *)"\5cloud"));
	settings_free(config);
}

/* Each error by itself: the text, and the report that it must cause. */
static const struct {
	const char *text, *reports;
} wrong[] = {
	{"server:\n  wrokers: 2\n",
	 "weftd.conf:2: unknown option wrokers in server; did you mean workers?\n"},
	{"servr: {}\n", "weftd.conf:1: unknown option servr; did you mean server?\n"},
	{"server: {rate-limit: {frobnicate: 1}}\n",
	 "weftd.conf:1: unknown option frobnicate in server.rate-limit\n"},
	{"server: {workers: many}\n", "weftd.conf:1: workers is a number, not many\n"},
	{"server: {workers: -1}\n", "weftd.conf:1: workers is a number, not -1\n"},
	{"server: {workers: 257}\n", "weftd.conf:1: workers is from 0 to 256, not 257\n"},
	{"server: {workers: [1]}\n", "weftd.conf:1: workers is a number, not a list\n"},
	{"server: {workers: }\n", "weftd.conf:1: workers is a number, not \n"},
	{"server: [1]\n", "weftd.conf:1: server is a mapping of options, not a list\n"},
	{"- server\n", "weftd.conf:1: the file is a mapping of options, not a list\n"},
	{"server: {tcp: {idle-timeout: 3y}}\n",
	 "weftd.conf:1: idle-timeout is a time in seconds (m, h, d, w), not 3y\n"},
	{"store: {history-size: 99999999999999999999G}\n",
	 "weftd.conf:1: history-size is a size in bytes (K, M, G), not 99999999999999999999G\n"},
	{"server: {log: {level: loud}}\n",
	 "weftd.conf:1: level is one of error, warning, info, debug, not loud\n"},
	{"server:\n  listen:\n    - 127.0.0.1\n    - localhost@53\n",
	 "weftd.conf:4: listen: localhost@53 is not an address@port\n"},
	{"server: {listen: [127.0.0.1@1, 127.0.0.1@1]}\n",
	 "weftd.conf:1: listen has 127.0.0.1@1 twice\n"},
	{"server: {control: /run/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
	 "0123456789/0123456789/0123456789.sock}\n",
	 "weftd.conf:1: control: the path of a socket has at most 107 characters\n"},
	{"server: {listen: []}\n", "weftd.conf:1: listen has no address\n"},
	{"server: {cookie-secret: [00]}\n",
	 "weftd.conf:1: cookie-secret is 32 hexadecimal digits\n"},
	{"server: {workers: 1, workers: 2}\n",
	 "weftd.conf:1: workers is given a second time, first at weftd.conf:1\n"},
	{"server: {user: a\n", "weftd.conf:2: syntax, column 1: did not find expected ',' or '}', "
			       "while parsing a flow mapping that began in line 1\n"},
	{"\tserver: x\n",
	 "weftd.conf:1: syntax, column 1: found character that cannot start any token (is there a "
	 "tab? YAML is indented by blanks only)\n"},
	{"server:\n  listen: [0.0.0.0@53, ::@53]\n",
	 "weftd.conf:2: syntax, column 24: did not find expected node content (an IPv6 address "
	 "needs "
	 "quotes here: \"::@53\")\n"},
	{"server: {}\n---\nserver: {}\n", "weftd.conf:3: a second YAML document begins here\n"},
	{"include: nowhere.conf\n",
	 "weftd.conf:1: cannot read nowhere.conf: No such file or directory\n"},
	{"key: [{secret: c2Vj}]\n", "weftd.conf:1: key needs name\n"},
	{"key: [{name: a}]\n", "weftd.conf:1: key needs one of secret, secret-file and key-file\n"},
	{"key: [{name: a, secret: '!'}]\n", "weftd.conf:1: secret is base64 of 1 to 512 bytes\n"},
	{"key: [{name: a, algorithm: md4, secret: c2Vj}]\n",
	 "weftd.conf:1: unknown algorithm md4\n"},
	{"key:\n  - {name: a, secret: c2Vj}\n  - {name: A., secret: c2Vj}\n",
	 "weftd.conf:3: key a. is given a second time, first at weftd.conf:2\n"},
	{"key: [{name: a, secret-file: nowhere}]\n",
	 "weftd.conf:1: cannot read nowhere: No such file or directory\n"},
	{"key: [{key-file: nowhere}]\n",
	 "weftd.conf:1: cannot read nowhere: No such file or directory\n"},
	{"zone:\n  - name: a.test\n    file: lab.zone\n    lease:\n      maximum: 60\n"
	 "      minimum: 90\n      default: 70\n",
	 "weftd.conf:6: lease.minimum is 90, more than lease.maximum, 60\n"
	 "weftd.conf:7: lease.default is 70, more than lease.maximum, 60\n"},
	{"zone:\n  - name: a.test\n    file: lab.zone\n    lease:\n      maximum: 10\n",
	 "weftd.conf:5: lease.minimum is 30, more than lease.maximum, 10\n"},
	/* What refers to an entry with an error is not an error. */
	{"key: [{name: k, secret: '!'}]\nzone: [{name: a.test, file: lab.zone,\n"
	 "  update: {key: k}, transfer: {key: [k, other]}}]\n",
	 "weftd.conf:1: secret is base64 of 1 to 512 bytes\n"
	 "weftd.conf:3: there is no key other\n"},
	{"key: [{key-file: nowhere}]\nzone: [{name: a.test, file: lab.zone, update: {key: k}}]\n",
	 "weftd.conf:1: cannot read nowhere: No such file or directory\n"},
	{"fabric: [{name: f.test}]\nzone: [{name: a.test, file: lab.zone,\n"
	 "  update: {fabric: f.test, types: {_http._tcp: n}}, transfer: {key: n.keys.f.test}}]\n",
	 "weftd.conf:1: fabric needs key-file\n"},
	{"zone: [{file: lab.zone}]\n", "weftd.conf:1: zone needs name\n"},
	{"zone:\n  - {name: a.test}\n", "weftd.conf:2: zone needs file\n"},
	{"zone: [{name: a..test, file: lab.zone}]\n",
	 "weftd.conf:1: a..test is not a domain name\n"},
	{"zone: [{name: a.test, file: lab.zone, update: {key: b}}]\n",
	 "weftd.conf:1: there is no key b\n"},
	{"zone: [{name: a.test, file: lab.zone, update: {key: [], policy: [deny k self .]}},\n"
	 "  {name: A.TEST, file: lab.zone}]\n",
	 "weftd.conf:2: zone a.test. is given a second time, first at weftd.conf:1\n"},
	{"key: {name: k, secret: c2Vj}\n"
	 "zone: [{name: a.test, file: lab.zone, update: {key: [k], policy: [deny k self .]}}]\n",
	 "weftd.conf:2: update takes only one of key, policy and fabric\n"},
	{"zone:\n  - name: a.test\n    file: lab.zone\n    update:\n      policy:\n"
	 "        - grant k frob\n        - grant k zonesub\n        - allow k zonesub\n",
	 "weftd.conf:6: update policy: the third word must be name, subdomain, zonesub, "
	 "wildcard, self, selfsub or selfwild: \"frob\"\n"
	 "weftd.conf:8: update policy: a rule starts with grant or deny: \"allow\"\n"},
	{"zone: [{name: a.test, file: lab.zone, transfer: {address: 10.0.0.1/8}}]\n",
	 "weftd.conf:1: address: 10.0.0.1/8 has bits set beyond its length\n"},
};

static void each_error_is_named_with_file_and_line(void **state)
{
	struct settings *config;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(config_load(&config, wrong[i].text), -EBADMSG);
		assert_null(config);
		assert_string_equal(reports, wrong[i].reports);
	}
}

static void all_errors_are_reported_not_only_the_first(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config,
				     "server:\n  workers: x\n  bogus: 1\nkey:\n  - {name: a}\n"
				     "zone:\n  - {name: a.test, file: none, update: {key: z}}\n"),
			 -EBADMSG);
	assert_string_equal(reports,
			    "weftd.conf:2: workers is a number, not x\n"
			    "weftd.conf:3: unknown option bogus in server\n"
			    "weftd.conf:5: key needs one of secret, secret-file and key-file\n"
			    "weftd.conf:7: there is no key z\n");
}

static void included_files_add_options_zones_and_keys(void **state)
{
	struct settings *config;

	(void)state;
	folder_write(folder, "part.conf",
		     "server: {workers: 4}\nkey: {name: b, secret: c2Vj}\n"
		     "zone: [{name: b.test, file: lab.zone, update: {key: c}}]\n");
	folder_write(folder, "c.key",
		     "// made by tsig-keygen\nkey \"c\" {\n algorithm hmac-sha256;\n"
		     " secret \"c2Vj\";\n};\n");
	assert_int_equal(config_load(&config, "server: {nsid: x}\n"
					      "include: [part.conf, '*.key', 'none/*.conf']\n"
					      "zone: [{name: a.test, file: lab.zone, "
					      "update: {key: [b, c]}}]\n"),
			 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->server.workers, 4);
	assert_string_equal(config->server.options.nsid, "x");
	assert_int_equal(config->nkeys, 2);
	assert_int_equal(config->nzones, 2);
	assert_int_equal(config->zones->next->update_keys.count, 2);
	settings_free(config);
}

static void a_key_of_two_key_files_is_reported_with_both(void **state)
{
	static const char text[] = "key \"c\" {\n algorithm hmac-sha256;\n secret \"c2Vj\";\n};\n";
	struct settings *config;

	(void)state;
	folder_write(folder, "c1.pair", text);
	folder_write(folder, "c2.pair", text);
	assert_int_equal(config_load(&config, "include: '*.pair'\n"), -EBADMSG);
	assert_string_equal(reports,
			    "c2.pair:1: key c. is given a second time, first at c1.pair:1\n");
}

static void an_option_given_in_two_files_is_an_error(void **state)
{
	struct settings *config;

	(void)state;
	folder_write(folder, "part.conf", "server:\n  workers: 4\n  tcp: {connections: 5}\n");
	assert_int_equal(config_load(&config, "server: {workers: 1, tcp: {connections: 9}}\n"
					      "include: part.conf\n"),
			 -EBADMSG);
	assert_string_equal(reports,
			    "part.conf:2: workers is given a second time, first at weftd.conf:1\n"
			    "part.conf:3: connections is given a second time, first at "
			    "weftd.conf:1\n");
}

static void a_file_that_includes_itself_is_an_error(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, "include: [weftd.conf, '*.conf']\n"), -EBADMSG);
	assert_non_null(strstr(reports, "weftd.conf:1: weftd.conf includes itself\n"));
	folder_write(folder, "part.conf", "include: weftd.conf\n");
	assert_int_equal(config_load(&config, "include: part.conf\n"), -EBADMSG);
	assert_string_equal(reports, "part.conf:1: weftd.conf includes itself\n");
}

static void files_include_each_other_to_a_certain_depth(void **state)
{
	struct settings *config;
	char name[32], text[64];

	(void)state;
	for (int i = 1; i < 9; i++) {
		snprintf(name, sizeof(name), "deep%d.conf", i);
		snprintf(text, sizeof(text), "include: deep%d.conf\n", i + 1);
		folder_write(folder, name, i < 8 ? text : "");
	}
	assert_int_equal(config_load(&config, "include: deep2.conf\n"), 0);
	settings_free(config);
	assert_int_equal(config_load(&config, "include: deep1.conf\n"), -EBADMSG);
	assert_string_equal(reports, "deep7.conf:1: files include each other more than 8 deep\n");
}

static void secrets_come_from_files_of_their_own(void **state)
{
	struct settings *config;

	(void)state;
	folder_write(folder, "one.secret", "c2VjcmV0\n");
	folder_write(folder, "two.key",
		     "key x { algorithm hmac-sha256; secret c2Vj; };\n"
		     "key y { algorithm hmac-sha512; secret c2Vj; };\n");
	assert_int_equal(config_load(&config, "key:\n"
					      "  - {name: a, secret-file: one.secret}\n"
					      "  - {key-file: two.key, name: y}\n"),
			 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->nkeys, 2);
	assert_int_equal(config->keys->key.secret.nbytes, 6);
	assert_string_equal(config->keys->next->name, "y.");
	settings_free(config);
	assert_int_equal(config_load(&config, "key: [{key-file: two.key, name: z}]\n"), -EBADMSG);
	assert_string_equal(reports, "weftd.conf:1: two.key has no key of that name\n");
}

static void a_secret_that_everybody_may_read_is_a_warning(void **state)
{
	struct settings *config;
	char path[128];

	(void)state;
	folder_write(folder, "part.conf", "key: {name: b, secret: c2Vj}\n");
	snprintf(path, sizeof(path), "%s/part.conf", folder);
	chmod(path, 0644);
	assert_int_equal(config_load(&config, "include: part.conf\n"), 0);
	assert_string_equal(reports, "w part.conf:1: a secret in a file that everybody may read\n");
	settings_free(config);
}

#define FABRIC "fabric: {name: lab.cloud, key-file: l.fabric}\n"
#define ZONE(options) "zone: [{name: a.test, file: lab.zone, " options "}]\n"

static void a_zone_has_a_quota_and_rules_for_service_types(void **state)
{
	static const struct {
		const char *text;
		uint64_t max[LEDGER_KINDS];
	} rows[] = {
		{FABRIC ZONE("update: {fabric: lab.cloud}"), {2000, 20000, 8 << 20, 5000, 1000}},
		{FABRIC ZONE("update: {fabric: lab.cloud}, quota: {octets: 1K, leases: 0}"),
		 {2000, 20000, 1024, 0, 1000}},
		{ZONE("quota: {reports: 7}"), {0, 0, 0, 0, 7}},
		{ZONE("notify: []"), {0, 0, 0, 0, 0}},
	};
	const struct settings_types *types;
	struct settings *config;

	(void)state;
	folder_write(folder, "lab.zone", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(config_load(&config, rows[i].text), 0);
		assert_memory_equal(config->zones->quota.max, rows[i].max, sizeof(rows[i].max));
		assert_int_equal(config->zones->types.count, 0);
		settings_free(config);
	}
	assert_int_equal(
		config_load(&config,
			    FABRIC ZONE("update: {fabric: lab.cloud, types: {_HTTP._tcp: [N1, "
					"n2.keys.lab.cloud, a.b.keys.lab.cloud.], _x._udp: n1, "
					"\"*\": []}}")),
		0);
	types = &config->zones->types;
	assert_int_equal(types->count, 3);
	assert_true(dns_name_equal(types->items[0].type, (const uint8_t *)"\5_http\4_tcp"));
	assert_int_equal(types->items[0].nkeys, 3);
	assert_memory_equal(types->items[0].keys[0], "\2n1\4keys\3lab\5cloud", 19);
	assert_memory_equal(types->items[0].keys[1], "\2n2\4keys\3lab\5cloud", 19);
	assert_memory_equal(types->items[0].keys[2], "\1a\1b\4keys\3lab\5cloud", 20);
	assert_int_equal(types->items[1].nkeys, 1);
	assert_null(types->items[2].type);
	assert_int_equal(types->items[2].nkeys, 0);
	settings_free(config);
}

static void rules_for_service_types_name_types_and_keys_of_the_fabric(void **state)
{
	static const struct {
		const char *text, *reports;
	} rows[] = {
		{ZONE("update: {types: {_a._tcp: n1}}"),
		 "weftd.conf:1: update.types needs update.fabric\n"},
		{FABRIC ZONE("update: {fabric: lab.cloud, types: [n1]}"),
		 "weftd.conf:2: types is a mapping, not a list\n"},
		{FABRIC ZONE("update: {fabric: lab.cloud, types: {http: n1, _a._tcp: [n1, []]}}"),
		 "weftd.conf:2: types: http is not a service type such as _http._tcp, or *\n"
		 "weftd.conf:2: types: the name of a key is missing\n"},
		{FABRIC ZONE("update: {fabric: lab.cloud, types: {_a._tcp: n1, _A._tcp: n2}}"),
		 "weftd.conf:2: types: _A._tcp is given a second time\n"},
		{FABRIC ZONE("update: {fabric: lab.cloud, types: {_a._tcp: [keys.lab.cloud, "
			     "n1.other., .]}}"),
		 "weftd.conf:2: types: keys.lab.cloud is not a key of the fabric\n"
		 "weftd.conf:2: types: n1.other. is not a key of the fabric\n"
		 "weftd.conf:2: types: . is not a key of the fabric\n"},
	};
	struct settings *config;

	(void)state;
	folder_write(folder, "lab.zone", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(config_load(&config, rows[i].text), -EBADMSG);
		assert_string_equal(reports, rows[i].reports);
	}
}

static void a_zone_may_name_keys_of_a_fabric_that_have_no_entry(void **state)
{
	struct settings *config;
	const struct settings_fabric *fabric;

	(void)state;
	folder_write(folder, "lab.zone", "");
	assert_int_equal(config_load(&config,
				     "zone:\n"
				     "  - name: lab.cloud\n"
				     "    file: lab.zone\n"
				     "    update: {key: [N1.keys.lab.cloud, a.b.keys.lab.cloud.]}\n"
				     "fabric:\n"
				     "  - {name: Other.cloud, key-file: o.fabric, overlap: 1h}\n"
				     "  - {name: lab.cloud, key-file: l.fabric}\n"),
			 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->nkeys, 0);
	assert_int_equal(config->nfabrics, 2);
	fabric = config->fabrics;
	assert_string_equal(fabric->name_text, "other.cloud.");
	assert_int_equal(fabric->overlap_s, 3600);
	assert_int_equal(fabric->next->overlap_s, 7 * 86400);
	assert_int_equal(fabric->at.line, 6);
	assert_null(fabric->fabric);
	assert_int_equal(config->zones->update_keys.count, 2);
	assert_memory_equal(config->zones->update_keys.items[0]->key.name, "\2n1\4keys\3lab\5cloud",
			    19);
	settings_free(config);

	assert_int_equal(
		config_load(&config,
			    "fabric: {name: lab.cloud, key-file: l.fabric}\n"
			    "zone:\n"
			    "  - name: lab.cloud\n"
			    "    file: lab.zone\n"
			    "    update: {key: keys.lab.cloud}\n"
			    "    transfer: {key: [n1.keyz.lab.cloud, n1.keys.other.cloud]}\n"),
		-EBADMSG);
	assert_string_equal(reports, "weftd.conf:5: there is no key keys.lab.cloud\n"
				     "weftd.conf:6: there is no key n1.keyz.lab.cloud\n"
				     "weftd.conf:6: there is no key n1.keys.other.cloud\n");
}

static void the_administrator_of_a_fabric_may_transfer_its_zone(void **state)
{
	static const struct {
		const char *options;
		size_t nkeys, naddresses;
		const char *key;
	} cases[] = {
		{"update: {fabric: lab.cloud}", 1, 0, "\5admin\4keys\3lab\5cloud"},
		{"update: {fabric: lab.cloud}, transfer: {key: n1.keys.lab.cloud}", 1, 0,
		 "\2n1\4keys\3lab\5cloud"},
		{"update: {fabric: lab.cloud}, transfer: {address: 127.0.0.1}", 1, 1,
		 "\5admin\4keys\3lab\5cloud"},
		{"update: {key: n1.keys.lab.cloud}", 0, 0, NULL},
	};
	struct settings *config;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text),
			 "fabric: {name: lab.cloud, key-file: l.fabric}\n"
			 "zone: [{name: lab.cloud, file: lab.zone, %s}]\n",
			 cases[i].options);
		assert_int_equal(config_load(&config, text), 0);
		assert_int_equal(config->zones->transfer_keys.count, cases[i].nkeys);
		assert_int_equal(config->zones->transfer_addresses.count, cases[i].naddresses);
		assert_int_equal(config->zones->is_transfer_either, cases[i].naddresses > 0);
		if (cases[i].key != NULL)
			assert_string_equal(
				(const char *)config->zones->transfer_keys.items[0]->key.name,
				cases[i].key);
		settings_free(config);
	}
}

static void a_fabric_without_its_file_is_reported_when_it_is_unlocked(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, "fabric:\n"
					      "  - name: lab.cloud\n"
					      "    key-file: none.fabric\n"),
			 0);
	assert_int_equal(settings_unlock(config, report, NULL), -EBADMSG);
	assert_string_equal(reports, "weftd.conf:3: none.fabric: No such file or directory\n");
	settings_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_has_a_quota_and_rules_for_service_types),
		cmocka_unit_test(rules_for_service_types_name_types_and_keys_of_the_fabric),
		cmocka_unit_test(a_zone_may_name_keys_of_a_fabric_that_have_no_entry),
		cmocka_unit_test(the_administrator_of_a_fabric_may_transfer_its_zone),
		cmocka_unit_test(a_fabric_without_its_file_is_reported_when_it_is_unlocked),
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(every_option_reaches_its_field),
		cmocka_unit_test(each_error_is_named_with_file_and_line),
		cmocka_unit_test(all_errors_are_reported_not_only_the_first),
		cmocka_unit_test(included_files_add_options_zones_and_keys),
		cmocka_unit_test(a_key_of_two_key_files_is_reported_with_both),
		cmocka_unit_test(an_option_given_in_two_files_is_an_error),
		cmocka_unit_test(a_file_that_includes_itself_is_an_error),
		cmocka_unit_test(files_include_each_other_to_a_certain_depth),
		cmocka_unit_test(secrets_come_from_files_of_their_own),
		cmocka_unit_test(a_secret_that_everybody_may_read_is_a_warning),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
