/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The way of a query, from the packet to the response, over loaded zones with every case of RFC
 * 1034 section 4.3.2 in them. The first octet chooses transport and size limit. Whatever comes,
 * the response must be a whole message within its limit: the question echoed, the sections as
 * counted. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rcu.h"
#include "dns/type.h"
#include "response.h"
#include "server/query.h"
#include "server/rules.h"
#include "text/zonefile.h"
#include "zone/catalog.h"
#include "zone/draft.h"
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char parent[] =
	"$ORIGIN lab.cloud.\n"
	"$TTL 120\n"
	"@ SOA ns1 host 1 7200 900 1209600 60\n"
	"@ NS ns1\n"
	"ns1 A 192.0.2.1\n"
	"a._http._tcp SRV 0 10 80 n.nodes\n"
	"a._http._tcp TXT \"path=/\"\n"
	"_http._tcp PTR a._http._tcp\n"
	"n.nodes A 10.0.0.1\n"
	"n.nodes AAAA 2001:db8::1\n"
	"c CNAME n.nodes\n"
	"l CNAME m\n"
	"m CNAME l\n"
	"f CNAME w.other.cloud.\n"
	"*.w TXT \"any\"\n"
	"*.x CNAME n.nodes\n"
	"d DNAME nodes\n"
	"sub NS ns.sub\n"
	"ns.sub A 10.9.9.9\n"
	"s HTTPS 1 . alpn=h2\n"
	"s A 10.0.0.7\n"
	"big TXT \""
	"0123456789012345678901234567890123456789012345678901234567890123456789"
	"\"\n";
static const char child[] = "$ORIGIN kid.lab.cloud.\n"
			    "$TTL 60\n"
			    "@ SOA ns1 host 1 7200 900 1209600 60\n"
			    "@ NS ns1.lab.cloud.\n"
			    "w A 198.51.100.1\n";
static const char other[] = "$ORIGIN other.cloud.\n"
			    "$TTL 60\n"
			    "@ SOA ns1 host 1 7200 900 1209600 60\n"
			    "@ NS ns1.lab.cloud.\n"
			    "w A 198.51.100.1\n";

static int add_record(void *arg, const struct dns_record *r)
{
	return zone_draft_add(arg, r->owner, r->type, r->ttl, r->rdata, r->nbytes) < 0 ? -1 : 0;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	fprintf(stderr, "%s:%u: %s\n", error->at.file, error->at.line, error->text);
	abort();
}

static struct zone *load(const char *name, const char *text)
{
	char path[] = "/tmp/weft-fuzz-XXXXXX";
	uint8_t wire[DNS_NAME_MAX];
	struct text_reader reader = {
		.origin = wire, .on_record = add_record, .on_report = on_report};
	int fd = mkstemp(path);
	struct zone *z;

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	dns_name_from_text(wire, name, strlen(name), NULL);
	z = zone_new(wire, 1);
	reader.arg = zone_draft_new(z);
	require(text_zonefile_read(path, &reader) == 0);
	unlink(path);
	require(zone_draft_seal(reader.arg, NULL) == 1);
	zone_draft_publish(reader.arg);
	return z;
}

static struct zone *zones[3];
static struct server_rules *rules;

/* LeakSanitizer does not look into mapped pages, where the zones are, so they are freed in the end.
 */
static void rules_free(void)
{
	zone_catalog_free(rules->catalog);
	base_rcu_offline();
	for (unsigned i = 0; i < 3; i++)
		zone_free(zones[i]);
	base_rcu_online();
	base_rcu_unregister();
}

static struct server_rules *rules_new(void)
{
	static struct server_rules v = {.options = {.identity = "fuzz",
						    .version = "weft",
						    .nsid = "fuzz",
						    .udp_payload = 1232,
						    .tcp.idle_timeout_s = 10}};
	static struct server_zone zone_rules[3];
	static struct dns_tsig_key key;
	struct dns_tsig_algorithm sha256;

	dns_tsig_algorithm_from_text(&sha256, "hmac-sha256", 11);
	zones[0] = load("lab.cloud.", parent);
	zones[1] = load("kid.lab.cloud.", child);
	zones[2] = load("other.cloud.", other);
	for (unsigned i = 0; i < 3; i++)
		zone_rules[i].zone = zones[i];
	dns_tsig_key_init(&key, (const uint8_t *)"\5bench", sha256, "secret", 6);
	v.catalog = zone_catalog_new(zones, 3, 1);
	v.zones = zone_rules;
	v.nzones = 3;
	v.keys = &key;
	v.nkeys = 1;
	v.cookies.count = 1;
	return &v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[65535];
	static struct server_stats stats;
	struct server_turn turn = {
		.stats = &stats,
		.responder = {.payload = 1232, .nsid = "fuzz", .now_s = 1795000000}};
	struct sockaddr_in client = {.sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct server_peer peer = {.address = (struct sockaddr *)&client, .transport = SERVER_UDP};
	struct server_query q;
	size_t length = 0, room;

	if (size == 0)
		return 0;
	if (rules == NULL) {
		base_rcu_register();
		rules = rules_new();
		atexit(rules_free);
	}
	turn.rules = rules;
	peer.transport = data[0] & 1 ? SERVER_TCP : SERVER_UDP;
	room = data[0] & 1 ? sizeof(out) : 4096;
	q.request.msg = data + 1;
	q.request.nbytes = size - 1;
	server_query_begin_batch(&q, 1, &turn);
	if (server_query_end(&q, &turn, &peer, out, room, &length) == SERVER_ANSWER && length > 0) {
		require(length <= (data[0] & 1 ? room : 1232));
		response_check(out, length);
	}
	base_rcu_quiescent();
	return 0;
}
