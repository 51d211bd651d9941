/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/stats.h"

#include "base/log.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "dns/type.h"
#include "registry/registrar.h"
#include "server/rules.h"
#include "server/server.h"
#include "store/store.h"
#include "zone/zone.h"

struct counter {
	const char *name;
	size_t offset;
};

#define SERVER(name, field)                                \
	{                                                  \
		name, offsetof(struct server_stats, field) \
	}
#define REGISTRAR(name, field)                               \
	{                                                    \
		name, offsetof(struct registry_stats, field) \
	}
#define STORE(name, field)                                \
	{                                                 \
		name, offsetof(struct store_stats, field) \
	}

static const struct counter server_counters[] = {
	SERVER("queries-udp", queries[SERVER_UDP]),
	SERVER("queries-tcp", queries[SERVER_TCP]),
	SERVER("queries-tls", queries[SERVER_TLS]),
	SERVER("responses-udp", responses[SERVER_UDP]),
	SERVER("responses-tcp", responses[SERVER_TCP]),
	SERVER("responses-tls", responses[SERVER_TLS]),
	SERVER("truncated", truncated),
	SERVER("dropped", dropped),
	SERVER("rate-limited", limited),
	SERVER("rate-slipped", slipped),
	SERVER("unsent", unsent),
	SERVER("edns", edns),
	SERVER("cookies-good", cookies_good),
	SERVER("cookies-bad", cookies_bad),
	SERVER("tsig-good", tsig_good),
	SERVER("tsig-bad", tsig_bad),
	SERVER("tsig-old-epoch", tsig_old_epoch),
	SERVER("updates-repeated", updates_repeated),
	SERVER("updates-old", updates_old),
	SERVER("updates", updates),
	SERVER("transfers", transfers),
	SERVER("transfer-messages", transfer_messages),
	SERVER("transfers-refused", transfers_refused),
	SERVER("transfers-ended", transfers_ended),
	SERVER("tcp-connections", tcp_connections),
	SERVER("tcp-accepted", tcp_accepted),
	SERVER("tcp-refused", tcp_refused),
	SERVER("tcp-evicted", tcp_evicted),
	SERVER("tcp-timeouts", tcp_timeouts),
	SERVER("dso-sessions", dso_sessions),
	SERVER("dso-started", dso_started),
	SERVER("dso-refused", dso_refused),
	SERVER("dso-closed", dso_ended[SERVER_SESSION_CLOSED]),
	SERVER("dso-inactive", dso_ended[SERVER_SESSION_INACTIVE]),
	SERVER("dso-silent", dso_ended[SERVER_SESSION_SILENT]),
	SERVER("dso-errors", dso_ended[SERVER_SESSION_ERROR]),
	SERVER("dso-failed", dso_ended[SERVER_SESSION_FAILED]),
	SERVER("dso-shutdown", dso_ended[SERVER_SESSION_SHUTDOWN]),
	SERVER("dso-overload", dso_ended[SERVER_SESSION_OVERLOAD]),
	SERVER("dso-changed", dso_ended[SERVER_SESSION_CHANGED]),
	SERVER("dso-slow", dso_ended[SERVER_SESSION_SLOW]),
	SERVER("tls-handshakes", tls_handshakes),
	SERVER("tls-resumed", tls_resumed),
	SERVER("tls-handshaking", tls_handshaking),
	SERVER("tls-failed-closed", tls_failed[FABRIC_TLS_CLOSED]),
	SERVER("tls-failed-protocol", tls_failed[FABRIC_TLS_PROTOCOL]),
	SERVER("tls-failed-alpn", tls_failed[FABRIC_TLS_ALPN]),
	SERVER("tls-failed-certificate", tls_failed[FABRIC_TLS_CERTIFICATE]),
	SERVER("tls-failed-alert", tls_failed[FABRIC_TLS_ALERT]),
	SERVER("tls-failed-abuse", tls_failed[FABRIC_TLS_ABUSE]),
	SERVER("tls-failed-timeout", tls_failed[SERVER_TLS_TIMEOUT]),
	SERVER("tls-failed-overload", tls_failed[SERVER_TLS_OVERLOAD]),
	SERVER("push-subscriptions", push_subscriptions),
	SERVER("push-subscribed", push_subscribed),
	SERVER("push-refused", push_refused),
	SERVER("push-messages", push_messages),
	SERVER("push-bytes", push_nbytes),
	SERVER("push-encoded", push_encoded),
	SERVER("push-shared", push_shared),
	SERVER("push-oversized", push_oversized),
	SERVER("push-reconfirms", push_reconfirms),
	SERVER("push-sent-us-sum", push_sent.sum_us),
	{0},
};

static const struct counter registrar_counters[] = {
	REGISTRAR("updates", updates),
	REGISTRAR("batches", batches),
	REGISTRAR("batches-failed", failed_batches),
	REGISTRAR("refused-size", bound[UPDATE_BOUND_SIZE]),
	REGISTRAR("refused-quota", bound[UPDATE_BOUND_QUOTA]),
	REGISTRAR("refused-work", bound[UPDATE_BOUND_WORK]),
	REGISTRAR("updates-unanswered", unanswered),
	REGISTRAR("queue-refused", queue_refused),
	REGISTRAR("queue-bytes", queue_nbytes),
	REGISTRAR("commit-us-sum", commit.sum_us),
	REGISTRAR("commit-us-max", commit_us_max),
	{0},
};

static const struct counter lease_counters[] = {
	REGISTRAR("granted", leases.granted), REGISTRAR("refreshed", leases.refreshed),
	REGISTRAR("expired", leases.expired), REGISTRAR("refused", leases.refused),
	REGISTRAR("dropped", leases.dropped), REGISTRAR("leases", nleases),
	REGISTRAR("owners", nowners),	      {0},
};

static const struct counter service_counters[] = {
	REGISTRAR("live", services.nlive),
	REGISTRAR("waiting", services.nwaiting),
	REGISTRAR("suspect", services.nsuspects),
	REGISTRAR("drained", services.ndrained),
	REGISTRAR("unaddressed", services.nunaddressed),
	{0},
};

static const struct counter store_counters[] = {
	STORE("commits", commits),
	STORE("commit-failures", commit_failures),
	STORE("commit-bytes", commit_bytes),
	STORE("syncs", syncs),
	STORE("checkpoints", checkpoints),
	STORE("checkpoint-failures", checkpoint_failures),
	STORE("segments", segments),
	STORE("history-bytes", history_bytes),
	{0},
};

static void put(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

/* Returns an object with the counters of a table, read from the struct `stats`. */
static json_t *by_table(const struct counter *table, const void *stats)
{
	json_t *o = json_object();

	for (; table->name != NULL; table++)
		put(o, table->name, *(const uint64_t *)((const char *)stats + table->offset));
	return o;
}

static json_t *by_type(const struct server_stats *s)
{
	json_t *o = json_object();
	char text[DNS_TYPE_TEXT_MAX];

	for (unsigned i = 0; i < SERVER_STATS_TYPES; i++)
		if (s->type[i] > 0)
			put(o,
			    i == SERVER_STATS_TYPES - 1 ? "other"
							: dns_type_to_text(text, (uint16_t)i),
			    s->type[i]);
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

static json_t *of_server(const struct server_stats *s)
{
	json_t *o = by_table(server_counters, s);

	json_object_set_new(o, "types", by_type(s));
	json_object_set_new(o, "refused", by_name(s->refused, GUARD_REASONS, guard_reason_text));
	json_object_set_new(o, "opcodes", by_name(s->opcode, 16, dns_opcode_text));
	json_object_set_new(o, "rcodes", by_name(s->rcode, 32, dns_rcode_text));
	return o;
}

static json_t *of_registrar(const struct registry_stats *s)
{
	json_t *o = by_table(registrar_counters, s);

	put(o, "commit-us-mean", s->batches == 0 ? 0 : s->commit.sum_us / s->batches);
	json_object_set_new(o, "rcodes", by_name(s->rcode, 32, dns_rcode_text));
	return o;
}

static json_t *of_store(const struct daemon *d)
{
	struct store_stats s;
	json_t *o;

	store_stats_get(d->store, &s);
	o = by_table(store_counters, &s);
	put(o, "log-bytes", store_log_nbytes(d->store));
	return o;
}

static json_t *of_log(void)
{
	struct base_log_stats s;
	json_t *o = json_object();

	base_log_get_stats(&s);
	put(o, "dropped", s.dropped);
	put(o, "left-out", s.left_out);
	return o;
}

/* What the zone was asked; null if it shares its counter with others. */
static json_t *requests_json(const struct server_stats *server, const struct zone *z)
{
	unsigned number = zone_number(z);

	return number == ZONE_NUMBERS - 1 ? json_null()
					  : json_integer((json_int_t)server->zone[number]);
}

static json_t *of_zones(const struct daemon *d, const struct server_stats *server)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->rules->nzones; i++) {
		const struct zone *z = d->rules->zones[i].zone;
		const struct zone_snapshot *s = zone_current(z);
		json_t *o = json_object();

		json_object_set_new(o, "zone", command_json_name(zone_name(z)));
		json_object_set_new(o, "requests", requests_json(server, z));
		put(o, "serial", s == NULL ? 0 : zone_snapshot_serial(s));
		put(o, "names", s == NULL ? 0 : zone_snapshot_names(s));
		put(o, "records", s == NULL ? 0 : zone_snapshot_records(s));
		put(o, "memory", zone_memory(z));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *command_stats_json(const struct daemon *d)
{
	struct server_stats server = {0};
	struct registry_stats s;
	json_t *o = json_object();

	server_stats_get(d->server, &server);
	registry_registrar_stats(d->registrar, &s);
	json_object_set_new(o, "server", of_server(&server));
	json_object_set_new(o, "registrar", of_registrar(&s));
	json_object_set_new(o, "leases", by_table(lease_counters, &s));
	json_object_set_new(o, "services", by_table(service_counters, &s));
	json_object_set_new(o, "log", of_log());
	json_object_set_new(o, "zones", of_zones(d, &server));
	return o;
}

void command_stats(void *daemon, struct control_request *request)
{
	json_t *o = command_stats_json(daemon);

	json_object_set_new(o, "store", of_store(daemon));
	control_request_answer(request, o);
}
