/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/judge.h"

#include <inttypes.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "doctor/compare.h"
#include "doctor/judge_priv.h"

enum {
	TTL_SLACK_S = 2,  /* a TTL that is this much lower has only grown older */
	REPEAT_MS = 1000, /* after which a TTL that counts down is lower */
};

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
		if (!is_authoritative(&registries[i]) ||
		    !doctor_hop_serial(&registries[i], &serial))
			continue;
		if (best == NULL || dns_serial_is_newer(serial, newest)) {
			best = &registries[i];
			newest = serial;
		}
	}
	return best;
}

/* ---- whether it answers at all ---- */

/* Judges UDP and TCP. Returns false if it answers by neither. */
static bool reach_judge(const struct doctor_judged *j)
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
					   doctor_view_failure(udp), doctor_view_failure(tcp));
		doctor_finding_mend(found, "see whether it runs there, and whether a firewall "
					   "lets port 53 or its own through");
		return false;
	}
	if (udp->outcome != DOCTOR_ANSWERED) {
		found = doctor_finding_add(j->f, DOCTOR_FAULT, "udp-blocked", j->h->label,
					   "answers over TCP, but not over UDP: %s",
					   doctor_view_failure(udp));
		doctor_finding_mend(found, "let UDP through to this port");
	}
	/* A resolver that is asked only for short answers is not in need of TCP. */
	if (tcp->outcome != DOCTOR_ANSWERED) {
		found = doctor_finding_add(
			j->f, j->h->kind == DOCTOR_REGISTRY ? DOCTOR_FAULT : DOCTOR_NOTE,
			"tcp-blocked", j->h->label, "answers over UDP, but not over TCP: %s",
			doctor_view_failure(tcp));
		doctor_finding_mend(found, "let TCP through to this port: long answers need it "
					   "(RFC 7766)");
	}
	return true;
}

/* Judges EDNS by an answer to a query that has it. Returns false if the query was refused for
 * that. */
static bool edns_judge(const struct doctor_judged *j)
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

/* ---- registries ---- */

static void serial_judge(const struct doctor_judged *j)
{
	uint32_t have, want;

	if (j->reference == NULL || j->reference == j->h || !doctor_hop_serial(j->h, &have) ||
	    !doctor_hop_serial(j->reference, &want) || have == want)
		return;
	doctor_finding_mend(doctor_finding_add(j->f, DOCTOR_FAULT, "serial", j->h->label,
					       "has the serial %" PRIu32 ", where %s has %" PRIu32,
					       have, j->reference->label, want),
			    "see why changes do not get there: weft zone status, and NOTIFY and "
			    "transfers between both");
}

static void signature_judge(const struct doctor_judged *j)
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
	const struct doctor_judged j = {f, s, h, reference};
	const struct doctor_view *v =
		h->soa.view.outcome == DOCTOR_ANSWERED ? &h->soa.view : &h->tcp.view;

	if (!reach_judge(&j) || !edns_judge(&j))
		return;
	if (v->rcode != DNS_RCODE_NOERROR && v->rcode != DNS_RCODE_NXDOMAIN) {
		doctor_judge_rcode(&j, v);
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
			doctor_judge_question(&j, i);
}

/* ---- resolvers ---- */

/* Judges the TTL of an answer that cannot come from a cache. */
static void fresh_judge(const struct doctor_judged *j)
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
static void again_judge(const struct doctor_judged *j)
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
	const struct doctor_judged j = {f, s, h, reference};

	if (!reach_judge(&j) || !edns_judge(&j))
		return;
	for (size_t i = 0; i < s->ntypes; i++)
		doctor_judge_question(&j, i);
	fresh_judge(&j);
	again_judge(&j);
}
