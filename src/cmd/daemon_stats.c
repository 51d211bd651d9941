/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cmd/daemon_stats.h"

#include "cmd/daemon.h"
#include "dns/type.h"
#include "zone/zone.h"

struct counter {
	const char *name;
	size_t offset;
};

#define COUNTER(name, field) { name, offsetof(struct server_stats, field) }

static const struct counter server_counters[] = {
	COUNTER("queries-udp", queries[SERVER_UDP]),
	COUNTER("queries-tcp", queries[SERVER_TCP]),
	COUNTER("responses-udp", responses[SERVER_UDP]),
	COUNTER("responses-tcp", responses[SERVER_TCP]),
	COUNTER("truncated", truncated),
	COUNTER("dropped", dropped),
	COUNTER("rate-limited", limited),
	COUNTER("rate-slipped", slipped),
	COUNTER("unsent", unsent),
	COUNTER("edns", edns),
	COUNTER("cookies-good", cookies_good),
	COUNTER("cookies-bad", cookies_bad),
	COUNTER("tsig-good", tsig_good),
	COUNTER("tsig-bad", tsig_bad),
	COUNTER("updates", updates),
	COUNTER("transfers", transfers),
	COUNTER("transfer-messages", transfer_messages),
	COUNTER("tcp-connections", tcp_connections),
	COUNTER("tcp-accepted", tcp_accepted),
	COUNTER("tcp-refused", tcp_refused),
	COUNTER("tcp-evicted", tcp_evicted),
	COUNTER("tcp-timeouts", tcp_timeouts),
};

static void put(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static json_t *by_type(const struct server_stats *s)
{
	json_t *o = json_object();
	char text[DNS_TYPE_TEXT_MAX];

	for (unsigned i = 0; i < SERVER_STATS_TYPES; i++)
		if (s->type[i] > 0)
			put(o, i == SERVER_STATS_TYPES - 1 ? "other" : dns_type_to_text(text, (uint16_t)i), s->type[i]);
	return o;
}

static json_t *by_name(const uint64_t *counters, unsigned n, const char *(*name)(unsigned))
{
	json_t *o = json_object();

	for (unsigned i = 0; i < n; i++)
		if (counters[i] > 0)
			put(o, name(i), counters[i]);
	return o;
}

static json_t *of_server(const struct cmd_daemon *d)
{
	struct server_stats s;
	json_t *o = json_object();

	server_stats_get(d->server, &s);
	for (size_t i = 0; i < sizeof server_counters / sizeof *server_counters; i++)
		put(o, server_counters[i].name, *(const uint64_t *)((const char *)&s + server_counters[i].offset));
	json_object_set_new(o, "types", by_type(&s));
	json_object_set_new(o, "opcodes", by_name(s.opcode, 16, dns_opcode_text));
	json_object_set_new(o, "rcodes", by_name(s.rcode, 32, dns_rcode_text));
	return o;
}

static json_t *of_registrar(const struct cmd_daemon *d)
{
	struct registry_stats s;
	json_t *o = json_object();

	registry_registrar_stats(d->registrar, &s);
	put(o, "updates", s.updates);
	put(o, "batches", s.batches);
	put(o, "batches-failed", s.failed_batches);
	put(o, "commit-us-sum", s.commit_us);
	put(o, "commit-us-max", s.commit_us_max);
	put(o, "commit-us-mean", s.batches == 0 ? 0 : s.commit_us / s.batches);
	json_object_set_new(o, "rcodes", by_name(s.rcode, 32, dns_rcode_text));
	return o;
}

static json_t *of_store(const struct cmd_daemon *d)
{
	struct store_stats s;
	json_t *o = json_object();

	store_stats_get(d->store, &s);
	put(o, "commits", s.commits);
	put(o, "commit-failures", s.commit_failures);
	put(o, "commit-bytes", s.commit_bytes);
	put(o, "syncs", s.syncs);
	put(o, "checkpoints", s.checkpoints);
	put(o, "checkpoint-failures", s.checkpoint_failures);
	put(o, "segments", s.segments);
	put(o, "history-bytes", s.history_bytes);
	put(o, "log-bytes", store_log_bytes(d->store));
	return o;
}

static json_t *of_zones(const struct cmd_daemon *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->view->nzones; i++) {
		const struct zone *z = d->view->zones[i].zone;
		const struct zone_snapshot *s = zone_current(z);
		char name[DNS_NAME_TEXT_MAX];
		json_t *o = json_object();

		dns_name_to_text(name, zone_name(z));
		json_object_set_new(o, "zone", json_string(name));
		put(o, "serial", zone_snapshot_serial(s));
		put(o, "names", zone_snapshot_names(s));
		put(o, "records", zone_snapshot_records(s));
		put(o, "memory", zone_memory(z));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *cmd_daemon_stats(struct cmd_daemon *d)
{
	json_t *o = json_object();

	json_object_set_new(o, "server", of_server(d));
	json_object_set_new(o, "registrar", of_registrar(d));
	json_object_set_new(o, "store", of_store(d));
	json_object_set_new(o, "zones", of_zones(d));
	return o;
}
