/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "web/metrics.h"

#include "dns/type.h"
#include "registry/batch.h"
#include "server/stats.h"

/* A sample of a family: the value of the family's label, and where the figure is. */
struct sample {
	const char *value; /* NULL: the family has no label */
	size_t offset;
};

/* A family of which each sample is a figure of one struct. */
struct family {
	const char *name;
	enum web_kind kind;
	const char *help;
	const char *label; /* NULL: none */
	const struct sample *samples;
	size_t nsamples;
};

#define SERVER(field) offsetof(struct server_stats, field)
#define REGISTRY(field) offsetof(struct registry_stats, field)
#define SAMPLES(array) array, sizeof(array) / sizeof(*(array))
#define ONE(offset) (const struct sample[]){{NULL, offset}}, 1

/* ---- the network side ---- */

static const struct sample queries[] = {
	{"udp", SERVER(queries[SERVER_UDP])},
	{"tcp", SERVER(queries[SERVER_TCP])},
	{"tls", SERVER(queries[SERVER_TLS])},
};
static const struct sample responses[] = {
	{"udp", SERVER(responses[SERVER_UDP])},
	{"tcp", SERVER(responses[SERVER_TCP])},
	{"tls", SERVER(responses[SERVER_TLS])},
};
static const struct sample drops[] = {
	{"malformed", SERVER(dropped)},
	{"rate-limited", SERVER(limited)},
	{"unsent", SERVER(unsent)},
};
static const struct sample truncated[] = {
	{"size", SERVER(truncated)},
	{"rate-limited", SERVER(slipped)},
};
static const struct sample cookies[] = {
	{"good", SERVER(cookies_good)},
	{"bad", SERVER(cookies_bad)},
};
static const struct sample signatures[] = {
	{"good", SERVER(tsig_good)},
	{"bad", SERVER(tsig_bad)},
};
static const struct sample transfers[] = {
	{"begun", SERVER(transfers)},
	{"refused", SERVER(transfers_refused)},
	{"broken-off", SERVER(transfers_ended)},
};
static const struct sample connections[] = {
	{"accepted", SERVER(tcp_accepted)},
	{"refused", SERVER(tcp_refused)},
	{"evicted", SERVER(tcp_evicted)},
	{"timed-out", SERVER(tcp_timeouts)},
};

static const struct sample sessions[] = {
	{"started", SERVER(dso_started)},
	{"refused", SERVER(dso_refused)},
	{"closed", SERVER(dso_ended[SERVER_SESSION_CLOSED])},
	{"inactive", SERVER(dso_ended[SERVER_SESSION_INACTIVE])},
	{"silent", SERVER(dso_ended[SERVER_SESSION_SILENT])},
	{"error", SERVER(dso_ended[SERVER_SESSION_ERROR])},
	{"failed", SERVER(dso_ended[SERVER_SESSION_FAILED])},
	{"shutdown", SERVER(dso_ended[SERVER_SESSION_SHUTDOWN])},
	{"overload", SERVER(dso_ended[SERVER_SESSION_OVERLOAD])},
	{"changed", SERVER(dso_ended[SERVER_SESSION_CHANGED])},
	{"slow", SERVER(dso_ended[SERVER_SESSION_SLOW])},
};

static const struct sample subscriptions[] = {
	{"accepted", SERVER(push_subscribed)},
	{"refused", SERVER(push_refused)},
};

static const struct sample encodings[] = {
	{"miss", SERVER(push_encoded)},
	{"hit", SERVER(push_shared)},
};

/* The names of the first ones are those of fabric_tls_failure_to_text(). */
static const struct sample tls_failures[] = {
	{"closed", SERVER(tls_failed[FABRIC_TLS_CLOSED])},
	{"protocol", SERVER(tls_failed[FABRIC_TLS_PROTOCOL])},
	{"alpn", SERVER(tls_failed[FABRIC_TLS_ALPN])},
	{"certificate", SERVER(tls_failed[FABRIC_TLS_CERTIFICATE])},
	{"alert", SERVER(tls_failed[FABRIC_TLS_ALERT])},
	{"abuse", SERVER(tls_failed[FABRIC_TLS_ABUSE])},
	{"timeout", SERVER(tls_failed[SERVER_TLS_TIMEOUT])},
	{"overload", SERVER(tls_failed[SERVER_TLS_OVERLOAD])},
};

static const struct family server_families[] = {
	{"weft_queries", WEB_COUNTER, "DNS messages received, of any opcode.", "transport",
	 SAMPLES(queries)},
	{"weft_responses", WEB_COUNTER, "DNS messages sent, those of transfers included.",
	 "transport", SAMPLES(responses)},
	{"weft_drops", WEB_COUNTER, "Messages that were not answered.", "reason", SAMPLES(drops)},
	{"weft_truncated_responses", WEB_COUNTER, "Responses with the bit TC.", "reason",
	 SAMPLES(truncated)},
	{"weft_edns_queries", WEB_COUNTER, "Messages with EDNS.", NULL, ONE(SERVER(edns))},
	{"weft_cookies", WEB_COUNTER, "Server cookies that clients sent.", "result",
	 SAMPLES(cookies)},
	{"weft_signatures", WEB_COUNTER, "TSIG signatures that were verified.", "result",
	 SAMPLES(signatures)},
	{"weft_transfers", WEB_COUNTER, "Zone transfers.", "event", SAMPLES(transfers)},
	{"weft_transfer_messages", WEB_COUNTER, "Messages of zone transfers.", NULL,
	 ONE(SERVER(transfer_messages))},
	{"weft_tcp_connections", WEB_GAUGE, "TCP connections that are open.", NULL,
	 ONE(SERVER(tcp_connections))},
	{"weft_tcp_connection_events", WEB_COUNTER,
	 "TCP connections accepted, and closed for other reasons than the client's wish.", "event",
	 SAMPLES(connections)},
	{"weft_dso_sessions", WEB_GAUGE, "DSO sessions that are established.", NULL,
	 ONE(SERVER(dso_sessions))},
	{"weft_dso_session_events", WEB_COUNTER,
	 "DSO sessions started and refused, and those that ended, by the reason.", "event",
	 SAMPLES(sessions)},
	{"weft_tls_handshakes", WEB_COUNTER, "TLS handshakes that were completed.", NULL,
	 ONE(SERVER(tls_handshakes))},
	{"weft_tls_handshakes_resumed", WEB_COUNTER,
	 "Those of them that went on from an earlier session.", NULL, ONE(SERVER(tls_resumed))},
	{"weft_tls_handshakes_failed", WEB_COUNTER, "TLS handshakes that failed.", "reason",
	 SAMPLES(tls_failures)},
	{"weft_tls_handshakes_open", WEB_GAUGE, "TLS handshakes that are under way.", NULL,
	 ONE(SERVER(tls_handshaking))},
	{"weft_push_subscriptions", WEB_GAUGE, "Subscriptions that are active.", NULL,
	 ONE(SERVER(push_subscriptions))},
	{"weft_push_subscription_requests", WEB_COUNTER, "Requests for a subscription.", "result",
	 SAMPLES(subscriptions)},
	{"weft_push_messages", WEB_COUNTER, "PUSH messages queued for sessions.", NULL,
	 ONE(SERVER(push_messages))},
	{"weft_push_message_bytes", WEB_COUNTER, "Bytes of these messages.", NULL,
	 ONE(SERVER(push_nbytes))},
	{"weft_push_encodings", WEB_COUNTER,
	 "Sets of changes for a session, by whether another session had the same.", "cache",
	 SAMPLES(encodings)},
	{"weft_push_oversized_records", WEB_COUNTER, "Records too large for a PUSH message.", NULL,
	 ONE(SERVER(push_oversized))},
	{"weft_push_reconfirms", WEB_COUNTER, "Records that clients took for stale.", NULL,
	 ONE(SERVER(push_reconfirms))},
	{"weft_updates_repeated", WEB_COUNTER,
	 "Updates that came a second time and were answered as the first time.", NULL,
	 ONE(SERVER(updates_repeated))},
};

/* ---- the registry ---- */

static const struct sample lease_events[] = {
	{"granted", REGISTRY(leases.granted)}, {"refreshed", REGISTRY(leases.refreshed)},
	{"expired", REGISTRY(leases.expired)}, {"refused", REGISTRY(leases.refused)},
	{"dropped", REGISTRY(leases.dropped)},
};
static const struct sample instances[] = {
	{"live", REGISTRY(services.nlive)},
	{"waiting", REGISTRY(services.nwaiting)},
	{"suspect", REGISTRY(services.nsuspects)},
	{"drained", REGISTRY(services.ndrained)},
	{"unaddressed", REGISTRY(services.nunaddressed)},
};

static const struct family registry_families[] = {
	{"weft_updates_unanswered", WEB_COUNTER,
	 "Updates of which nobody can know whether they are on the disk.", NULL,
	 ONE(REGISTRY(unanswered))},
	{"weft_update_queue_bytes", WEB_GAUGE, "Memory of the updates that wait.", NULL,
	 ONE(REGISTRY(queue_nbytes))},
	{"weft_batches", WEB_COUNTER, "Batches of updates that were made durable.", NULL,
	 ONE(REGISTRY(batches))},
	{"weft_commit_failures", WEB_COUNTER, "Commits that failed.", NULL,
	 ONE(REGISTRY(failed_batches))},
	{"weft_leases", WEB_GAUGE, "Leases that run.", NULL, ONE(REGISTRY(nleases))},
	{"weft_owned_names", WEB_GAUGE, "Names that have an owner.", NULL, ONE(REGISTRY(nowners))},
	{"weft_lease_events", WEB_COUNTER, "What happened to leases.", "event",
	 SAMPLES(lease_events)},
	{"weft_service_instances", WEB_GAUGE,
	 "Instances of services by state; one that is suspect may be live, too.", "state",
	 SAMPLES(instances)},
};

/* ---- writing ---- */

static void sample_write(struct web_page *p, const char *label, const char *value, uint64_t n)
{
	const struct web_label labels[] = {{label, value}, {NULL, NULL}};

	web_page_value(p, labels, n);
}

static void samples_write(struct web_page *p, const char *label, const struct sample *samples,
			  size_t count, const void *stats)
{
	for (size_t i = 0; i < count; i++)
		sample_write(p, label, samples[i].value,
			     *(const uint64_t *)((const char *)stats + samples[i].offset));
}

static void families_write(struct web_page *p, const struct family *f, size_t count,
			   const void *stats)
{
	for (; count > 0; f++, count--) {
		web_page_family(p, f->name, f->kind, f->help);
		samples_write(p, f->label, f->samples, f->nsamples, stats);
	}
}

enum { USUAL_RCODES = DNS_RCODE_NOTZONE + 1, RCODES = 32 };

/* The usual codes are there from the start, so that their rates are; others once they occur. */
static void rcodes_write(struct web_page *p, const uint64_t *counts)
{
	for (unsigned i = 0; i < RCODES; i++)
		if (i < USUAL_RCODES || counts[i] > 0)
			sample_write(p, "rcode", dns_rcode_text(i), counts[i]);
}

static void types_write(struct web_page *p, const struct server_stats *s)
{
	char text[DNS_TYPE_TEXT_MAX];

	web_page_family(p, "weft_queries_by_type", WEB_COUNTER,
			"Queries by the type that was asked for.");
	for (unsigned i = 0; i < SERVER_STATS_TYPES - 1; i++)
		if (s->type[i] > 0)
			sample_write(p, "type", dns_type_to_text(text, (uint16_t)i), s->type[i]);
	sample_write(p, "type", "other", s->type[SERVER_STATS_TYPES - 1]);
}

void web_metrics_server(struct web_page *p, const struct server_stats *s)
{
	families_write(p, SAMPLES(server_families), s);
	types_write(p, s);
	web_page_family(p, "weft_responses_by_rcode", WEB_COUNTER, "Responses by their RCODE.");
	rcodes_write(p, s->rcode);
	web_page_family(p, "weft_push_duration_seconds", WEB_HISTOGRAM,
			"Time from a commit until a session's socket took the PUSH message.");
	web_page_histogram(p, &s->push_sent);
}

void web_metrics_registry(struct web_page *p, const struct registry_stats *s)
{
	web_page_family(p, "weft_updates", WEB_COUNTER,
			"Updates that the registry answered, by the RCODE of the answer.");
	rcodes_write(p, s->rcode);
	families_write(p, SAMPLES(registry_families), s);
	web_page_family(p, "weft_commit_duration_seconds", WEB_HISTOGRAM,
			"Time that a commit to the store took.");
	web_page_histogram(p, &s->commit);
	web_page_family(p, "weft_update_wait_seconds", WEB_HISTOGRAM,
			"Time from the arrival of an update until it was applied.");
	web_page_histogram(p, &s->queue);
}

void web_metrics_refusals(struct web_page *p, const struct server_stats *s)
{
	web_page_family(p, "weft_refused", WEB_COUNTER, "Requests that were refused, by reason.");
	for (unsigned i = GUARD_NOT_REFUSED + 1; i < GUARD_REASONS; i++)
		sample_write(p, "reason", guard_reason_text(i), s->refused[i]);
	sample_write(p, "reason", "too-many-transfers", s->transfers_refused);
}
