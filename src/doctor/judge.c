/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/txt.h"
#include "doctor/compare.h"

enum {
	TTL_SLACK_S = 2,    /* a TTL that is this much lower has only grown older */
	REPEAT_MS = 1000,   /* after which a TTL that counts down is lower */
	CLOCK_SLACK_S = 30, /* clocks that differ less do no harm */
};

/* One server that is judged. */
struct judged {
	struct doctor_findings *f;
	const struct doctor_subject *s;
	const struct doctor_hop *h, *reference;
};

static const char *type_text(uint16_t type)
{
	static char text[DNS_TYPE_TEXT_MAX];

	return dns_type_to_text(text, type);
}

static bool serial_read(const struct doctor_hop *h, uint32_t *serial)
{
	const struct doctor_record *soa = doctor_view_soa(&h->soa.view);

	if (soa == NULL)
		soa = doctor_view_soa(&h->tcp.view);
	if (soa != NULL)
		*serial = dns_soa_read(soa->rdata, soa->nbytes).serial;
	return soa != NULL;
}

static bool is_authoritative(const struct doctor_hop *h)
{
	return (doctor_view_is_good(&h->soa.view) && h->soa.view.is_authoritative) ||
	       (doctor_view_is_good(&h->tcp.view) && h->tcp.view.is_authoritative);
}

const struct doctor_hop *doctor_judge_reference(const struct doctor_hop *registries, size_t n)
{
	const struct doctor_hop *best = NULL;
	uint32_t newest = 0, serial;

	for (size_t i = 0; i < n; i++) {
		if (!is_authoritative(&registries[i]) || !serial_read(&registries[i], &serial))
			continue;
		if (best == NULL || dns_serial_is_newer(serial, newest)) {
			best = &registries[i];
			newest = serial;
		}
	}
	return best;
}

/* ---- whether it answers at all ---- */

static const char *failure_text(const struct doctor_view *v)
{
	return v->outcome == DOCTOR_FAILED ? strerror(-v->error) : "no answer in time";
}

/* Judges UDP and TCP. Returns false if it answers by neither. */
static bool reach_judge(const struct judged *j)
{
	const struct doctor_view *udp = &j->h->soa.view, *tcp = &j->h->tcp.view;
	struct doctor_finding *found;

	if (udp->outcome != DOCTOR_ANSWERED && j->h->plain.view.outcome == DOCTOR_ANSWERED) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "edns", j->h->label,
					   "answers only queries without EDNS");
		doctor_finding_mend(found, "update it, or the firewall in between that drops "
					   "EDNS (RFC 6891)");
		return false;
	}
	if (udp->outcome != DOCTOR_ANSWERED && tcp->outcome != DOCTOR_ANSWERED) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "no-answer", j->h->label,
					   "does not answer: %s over UDP, %s over TCP",
					   failure_text(udp), failure_text(tcp));
		doctor_finding_mend(found, "see whether it runs there, and whether a firewall "
					   "lets port 53 or its own through");
		return false;
	}
	if (udp->outcome != DOCTOR_ANSWERED) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "udp-blocked", j->h->label,
					   "answers over TCP, but not over UDP: %s",
					   failure_text(udp));
		doctor_finding_mend(found, "let UDP through to this port");
	}
	/* A resolver that is asked only for short answers is not in need of TCP. */
	if (tcp->outcome != DOCTOR_ANSWERED) {
		found = doctor_finding_add(
			j->f, j->h->kind == DOCTOR_REGISTRY ? DOCTOR_FAULT : DOCTOR_NOTE,
			"tcp-blocked", j->h->label, "answers over UDP, but not over TCP: %s",
			failure_text(tcp));
		doctor_finding_mend(found, "let TCP through to this port: long answers need it "
					   "(RFC 7766)");
	}
	return true;
}

/* Judges EDNS by an answer to a query that has it. Returns false if the query was refused for
 * that. */
static bool edns_judge(const struct judged *j)
{
	const struct doctor_view *v = &j->h->soa.view;
	struct doctor_finding *found;

	if (v->outcome != DOCTOR_ANSWERED)
		return true;
	if ((v->rcode == DNS_RCODE_FORMERR || v->rcode == DNS_RCODE_NOTIMP ||
	     v->rcode == DNS_RCODE_BADVERS) &&
	    doctor_view_is_good(&j->h->plain.view)) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "edns", j->h->label,
					   "answers %s to queries with EDNS",
					   dns_rcode_text(v->rcode));
		doctor_finding_mend(found, "update it: EDNS is from 1999 (RFC 6891)");
		return false;
	}
	if (!v->has_edns && doctor_view_is_good(v)) {
		found = doctor_finding_add(
			j->f, DOCTOR_NOTE, "edns-stripped", j->h->label,
			"removes EDNS: answers over UDP have at most 512 octets");
		doctor_finding_mend(found, "update it, or the firewall in between (RFC 6891)");
	}
	return true;
}

static void malformed_judge(const struct judged *j, const struct doctor_view *v)
{
	if (v->outcome == DOCTOR_ANSWERED && v->is_malformed)
		doctor_finding_add(j->f, DOCTOR_FAULT, "malformed", j->h->label,
				   "sends an answer that is malformed");
}

/* ---- records ---- */

/* Returns the value of `state`, "up" without one. */
static void state_text(char out[static 32], const struct doctor_record *r)
{
	size_t n = 0;
	const uint8_t *value = dnssd_txt_find(r->rdata, r->nbytes, "state", &n);

	static const char *const names[] = {
		[DNSSD_UP] = "up",
		[DNSSD_STARTING] = "starting",
		[DNSSD_DRAINING] = "draining",
		[DNSSD_FAILED] = "failed",
	};
	snprintf(out, 32, "%s", names[dnssd_txt_state(value, n)]);
}

/* Writes how the records differ. */
static void difference_write(char *out, size_t size, const struct doctor_difference *d,
			     uint16_t type)
{
	char one[DOCTOR_TEXT_MAX], two[DOCTOR_TEXT_MAX], now[32], was[32];
	FILE *to = fmemopen(out, size, "w");

	out[0] = '\0';
	if (to == NULL)
		return;
	if (type == DNS_TYPE_TXT && d->missing != NULL && d->extra != NULL && d->nwanted == 1 &&
	    d->nfound == 1) {
		state_text(now, d->missing);
		state_text(was, d->extra);
		if (strcmp(now, was) != 0)
			fprintf(to, "answers state=%s, where the registry has state=%s", was, now);
		else
			fprintf(to, "answers TXT \"%.100s\", where the registry has \"%.100s\"",
				doctor_record_to_text(one, d->extra),
				doctor_record_to_text(two, d->missing));
		fclose(to);
		return;
	}
	fprintf(to, "answers %zu of %zu %s records", d->nwanted - d->nmissing, d->nwanted,
		type_text(type));
	if (d->missing != NULL)
		fprintf(to, "; missing: %.100s", doctor_record_to_text(one, d->missing));
	if (d->extra != NULL)
		fprintf(to, "; %zu that the registry does not have: %.100s", d->nextra,
			doctor_record_to_text(one, d->extra));
	if (d->after != NULL)
		fprintf(to,
			"; %zu with another priority or weight: \"%.100s\" instead of \"%.100s\"",
			d->nchanged, doctor_record_to_text(one, d->after),
			doctor_record_to_text(two, d->before));
	fclose(to);
}

/* Returns whether the resolver's SOA is older than the registry's: it answers from its cache. */
static bool is_older(const struct judged *j, uint32_t *have, uint32_t *want)
{
	return serial_read(j->h, have) && serial_read(j->reference, want) &&
	       dns_serial_is_newer(*want, *have);
}

/* Judges records that are there, but differ from those of the registry. */
static void different_judge(const struct judged *j, const struct doctor_view *v,
			    const struct doctor_difference *d, uint16_t type)
{
	char text[512];
	uint32_t have, want;
	struct doctor_finding *found;
	bool is_expired = v->ede == DOCTOR_EDE_STALE || v->ede == DOCTOR_EDE_STALE_NXDOMAIN;
	bool is_stale = d->nextra > 0 || d->nchanged > 0 || is_expired || is_older(j, &have, &want);

	difference_write(text, sizeof(text), d, type);
	if (is_expired) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "expired", j->h->label,
					   "%s: from its cache, past the TTL", text);
		doctor_finding_mend(found, "switch off that it serves expired answers (unbound: "
					   "serve-expired, BIND: stale-answer-enable), and see "
					   "why it does not reach the registry");
		return;
	}
	found = doctor_finding_add(j->f, DOCTOR_FAULT, is_stale ? "stale" : "left-out", j->h->label,
				   "%s%s", text,
				   is_older(j, &have, &want) ? ": of an earlier serial" : "");
	if (is_stale && d->ttl_found > 0)
		doctor_finding_mend(found,
				    "wait %" PRIu32 " s until its cached answer ends, or flush its "
				    "cache",
				    d->ttl_found);
	else
		doctor_finding_mend(found, "flush its cache; if that does not help, it filters "
					   "answers or its limit of their size is too low");
}

/* Judges an answer that there are no such records, where the registry has some. */
static void negative_judge(const struct judged *j, const struct doctor_view *v, uint16_t type,
			   size_t nwanted)
{
	const struct doctor_record *soa = doctor_view_soa(v);
	const char *what = v->rcode == DNS_RCODE_NXDOMAIN ? "the name does not exist"
							  : "there is no such record";
	char owner[DNS_NAME_TEXT_MAX] = "nobody";
	struct doctor_finding *found;

	if (soa != NULL)
		dns_name_to_text(owner, soa->owner);
	if (soa == NULL || !dns_name_is_under(soa->owner, j->s->zone)) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "not-routed", j->h->label,
					   "answers that %s, by the SOA of %.200s: it does not ask "
					   "the registry, which has %zu %s records",
					   what, owner, nwanted, type_text(type));
		doctor_finding_mend(found, "weft setup-resolver --install --reload, on the host "
					   "of this resolver");
		return;
	}
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "negative", j->h->label,
				   "answers %s query that %s, where the registry has %zu: from its "
				   "cache, for another %" PRIu32 " s",
				   type_text(type), what, nwanted, soa->ttl);
	doctor_finding_mend(found,
			    "wait, or flush its cache; the last number of the zone's SOA bounds "
			    "this time (RFC 2308)");
}

static void ttl_judge(const struct judged *j, const struct doctor_difference *d, uint16_t type)
{
	struct doctor_finding *found;

	if (d->nfound == 0 || d->ttl_found <= d->ttl_wanted)
		return;
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "ttl-raised", j->h->label,
				   "gives %s records a TTL of %" PRIu32 " s, where the registry "
				   "allows %" PRIu32 " s",
				   type_text(type), d->ttl_found, d->ttl_wanted);
	doctor_finding_mend(found, "remove its least TTL (unbound: cache-min-ttl, dnsmasq: "
				   "min-cache-ttl, BIND: min-cache-ttl)");
}

/* ---- what only one question shows ---- */

static void truncated_judge(const struct judged *j, size_t i)
{
	const struct doctor_view *udp = &j->h->question[i].view, *tcp = &j->h->whole[i].view;
	struct doctor_finding *found;

	if (!udp->is_truncated || tcp->outcome == DOCTOR_ANSWERED)
		return;
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "truncated", j->h->label,
				   "truncates its answer to the %s query, and does not answer over "
				   "TCP: %s",
				   type_text(j->s->types[i]), failure_text(tcp));
	doctor_finding_mend(found, "let TCP through to this port (RFC 7766)");
}

static void additional_judge(const struct judged *j, const struct doctor_view *wanted,
			     const struct doctor_view *v)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	size_t nwanted = 0, nfound = 0;

	for (size_t i = 0; i < 2; i++) {
		nwanted += doctor_view_count(wanted, RESOLVE_ADDITIONAL, types[i]);
		nfound += doctor_view_count(v, RESOLVE_ADDITIONAL, types[i]);
	}
	if (nwanted > 0 && nfound == 0)
		doctor_finding_mend(doctor_finding_add(j->f, DOCTOR_NOTE, "no-additional",
						       j->h->label,
						       "leaves out the addresses that the registry "
						       "adds to SRV records: clients ask again"),
				    "nothing is wrong; unbound and BIND send them with "
				    "minimal-responses no");
}

/* Judges a rcode that is neither NOERROR nor NXDOMAIN. */
static void rcode_judge(const struct judged *j, const struct doctor_view *v)
{
	struct doctor_finding *found;
	const char *why = v->ede_text[0] != '\0' ? v->ede_text : "no reason given";

	if (v->rcode == DNS_RCODE_SERVFAIL &&
	    (doctor_view_is_bogus(v) ||
	     (doctor_view_is_good(&j->h->unchecked.view) && j->h->kind == DOCTOR_RESOLVER))) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "nta-missing", j->h->label,
					   "answers SERVFAIL, because it validates (DNSSEC) a "
					   "private domain%s%s",
					   v->ede_text[0] != '\0' ? ": " : "", v->ede_text);
		doctor_finding_mend(found, "add a negative trust anchor: weft setup-resolver "
					   "--install --reload, on the host of this resolver");
		return;
	}
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "refused", j->h->label, "answers %s: %s",
				   dns_rcode_text(v->rcode), why);
	doctor_finding_mend(found,
			    j->h->kind == DOCTOR_REGISTRY
				    ? "see whether it serves the zone, and which clients it answers"
				    : "see whether it reaches the registry, and which clients it "
				      "answers; weft setup-resolver prints what it needs");
}

/* ---- questions ---- */

/* Judges that only this question gets no answer. */
static void silence_judge(const struct judged *j, const struct doctor_view *v, uint16_t type)
{
	struct doctor_finding *found;

	if (j->h->soa.view.outcome != DOCTOR_ANSWERED ||
	    (v->outcome != DOCTOR_SILENT && v->outcome != DOCTOR_FAILED))
		return;
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "silent", j->h->label,
				   "answers others, but not the %s query: %s", type_text(type),
				   failure_text(v));
	doctor_finding_mend(
		found, "%s",
		j->h->kind == DOCTOR_REGISTRY
			? "see whether a firewall drops long answers, or fragments"
			: "see whether it reaches the registry, by TCP too: long answers "
			  "need it (RFC 7766)");
}

/* Judges one answer about the name. */
static void question_judge(const struct judged *j, size_t i)
{
	const struct doctor_view *v = doctor_hop_view(j->h, i), *wanted;
	uint16_t type = j->s->types[i];
	struct doctor_difference d;

	truncated_judge(j, i);
	malformed_judge(j, v);
	silence_judge(j, v, type);
	if (v->outcome != DOCTOR_ANSWERED || v->is_truncated)
		return;
	if (v->rcode != DNS_RCODE_NOERROR && v->rcode != DNS_RCODE_NXDOMAIN) {
		rcode_judge(j, v);
		return;
	}
	wanted = j->reference != NULL ? doctor_hop_view(j->reference, i) : NULL;
	if (wanted == NULL || !doctor_view_is_good(wanted) || j->reference == j->h)
		return;
	doctor_compare(&d, wanted, v, type);
	if (d.nfound == 0 && d.nwanted > 0)
		negative_judge(j, v, type, d.nwanted);
	else if (!doctor_compare_is_same(&d))
		different_judge(j, v, &d, type);
	ttl_judge(j, &d, type);
	if (type == DNS_TYPE_SRV && d.nfound > 0)
		additional_judge(j, wanted, v);
}

/* ---- registries ---- */

static void serial_judge(const struct judged *j)
{
	uint32_t have, want;

	if (j->reference == NULL || j->reference == j->h || !serial_read(j->h, &have) ||
	    !serial_read(j->reference, &want) || have == want)
		return;
	doctor_finding_mend(doctor_finding_add(j->f, DOCTOR_FAULT, "serial", j->h->label,
					       "has the serial %" PRIu32 ", where %s has %" PRIu32,
					       have, j->reference->label, want),
			    "see why changes do not get there: weft zone status, and NOTIFY and "
			    "transfers between both");
}

static void signature_judge(const struct judged *j)
{
	const struct doctor_probe *p = &j->h->sign;
	struct doctor_finding *found;
	int64_t ahead;

	if (p->view.outcome != DOCTOR_ANSWERED)
		return;
	if (p->signature == DNS_TSIG_RESPONSE_BADTIME) {
		ahead = (int64_t)p->server_s - (int64_t)(p->request.time_signed_s);
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "clock", j->h->label,
					   "has a clock that is %" PRId64 " s %s of this host's: "
					   "signatures are refused",
					   ahead < 0 ? -ahead : ahead,
					   ahead < 0 ? "behind" : "ahead");
		doctor_finding_mend(found, "set both by NTP");
	} else if (p->signature == DNS_TSIG_RESPONSE_BADKEY ||
		   p->signature == DNS_TSIG_RESPONSE_BADSIG) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "key", j->h->label, "%s",
					   p->signature == DNS_TSIG_RESPONSE_BADKEY
						   ? "does not know this host's key"
						   : "has another secret for this host's key");
		doctor_finding_mend(found, "issue the key again: weft key issue");
	}
}

void doctor_judge_registry(struct doctor_findings *f, const struct doctor_subject *s,
			   const struct doctor_hop *h, const struct doctor_hop *reference)
{
	const struct judged j = {f, s, h, reference};
	const struct doctor_view *v =
		h->soa.view.outcome == DOCTOR_ANSWERED ? &h->soa.view : &h->tcp.view;

	if (!reach_judge(&j) || !edns_judge(&j))
		return;
	if (v->rcode != DNS_RCODE_NOERROR && v->rcode != DNS_RCODE_NXDOMAIN) {
		rcode_judge(&j, v);
		return;
	}
	if (!v->is_authoritative) {
		doctor_finding_mend(doctor_finding_add(f, DOCTOR_FAULT, "not-authoritative",
						       h->label,
						       "answers without authority for %.200s: it "
						       "is not its registry",
						       s->text),
				    "name the registries with --registry, WEFT_REGISTRY or in "
				    "client.conf");
		return;
	}
	serial_judge(&j);
	signature_judge(&j);
	/* What an older serial has is older, too. */
	if (!doctor_finding_has(f, h->label, "serial"))
		for (size_t i = 0; i < s->ntypes; i++)
			question_judge(&j, i);
}

/* ---- resolvers ---- */

/* Judges the TTL of an answer that cannot come from a cache. */
static void fresh_judge(const struct judged *j)
{
	const struct doctor_view *v = &j->h->fresh.view, *wanted;
	const struct doctor_record *have, *want;

	if (v->outcome == DOCTOR_ANSWERED && !v->is_case_kept)
		doctor_finding_add(j->f, DOCTOR_NOTE, "case", j->h->label,
				   "changes the case of the name that it is asked for: clients "
				   "that compare it, against forged answers, ignore its answers");
	if (j->reference == NULL)
		return;
	wanted = &j->reference->fresh.view;
	have = doctor_view_is_good(v) ? doctor_view_soa(v) : NULL;
	want = doctor_view_is_good(wanted) ? doctor_view_soa(wanted) : NULL;
	if (have == NULL || want == NULL || !dns_name_is_under(have->owner, j->s->zone))
		return;
	if (have->ttl > want->ttl)
		doctor_finding_mend(
			doctor_finding_add(j->f, DOCTOR_FAULT, "ttl-raised", j->h->label,
					   "keeps negative answers for %" PRIu32 " s, where the "
					   "registry allows %" PRIu32 " s",
					   have->ttl, want->ttl),
			"remove its least TTL (unbound: cache-min-negative-ttl, cache-min-ttl; "
			"dnsmasq: neg-ttl; BIND: min-ncache-ttl)");
	else if (have->ttl + TTL_SLACK_S < want->ttl)
		doctor_finding_add(j->f, DOCTOR_NOTE, "ttl-capped", j->h->label,
				   "gives a fresh answer a TTL of %" PRIu32 " s instead of "
				   "%" PRIu32 " s: clients ask more often",
				   have->ttl, want->ttl);
}

/* Judges whether TTLs count down. */
static void again_judge(const struct judged *j)
{
	const struct doctor_view *first = doctor_hop_view(j->h, 0), *second = &j->h->again.view;
	struct doctor_difference d, later;

	if (j->reference == NULL || !doctor_view_is_good(first) || !doctor_view_is_good(second) ||
	    second->at_ms < first->at_ms + REPEAT_MS)
		return;
	doctor_compare(&d, doctor_hop_view(j->reference, 0), first, j->s->types[0]);
	doctor_compare(&later, first, second, j->s->types[0]);
	if (d.nfound > 0 && later.nfound > 0 && d.ttl_found < d.ttl_wanted &&
	    later.ttl_found == d.ttl_found)
		doctor_finding_add(j->f, DOCTOR_NOTE, "ttl-capped", j->h->label,
				   "gives all answers a TTL of at most %" PRIu32 " s instead of "
				   "%" PRIu32 " s: clients ask more often",
				   d.ttl_found, d.ttl_wanted);
}

void doctor_judge_resolver(struct doctor_findings *f, const struct doctor_subject *s,
			   const struct doctor_hop *h, const struct doctor_hop *reference)
{
	const struct judged j = {f, s, h, reference};

	if (!reach_judge(&j) || !edns_judge(&j))
		return;
	for (size_t i = 0; i < s->ntypes; i++)
		question_judge(&j, i);
	fresh_judge(&j);
	again_judge(&j);
}
