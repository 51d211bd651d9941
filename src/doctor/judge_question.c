/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/txt.h"
#include "doctor/compare.h"
#include "doctor/judge_priv.h"

static const char *type_text(uint16_t type)
{
	static char text[DNS_TYPE_TEXT_MAX];

	return dns_type_to_text(text, type);
}

/* ---- how records differ ---- */

/* Returns the value of `state`, "up" without one. */
static void state_text(char out[static 32], const struct doctor_record *r)
{
	size_t n = 0;
	const uint8_t *value = dnssd_txt_find(r->rdata, r->nbytes, "state", &n);

	snprintf(out, 32, "%s", dnssd_state_text(dnssd_txt_state(value, n)));
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
static bool is_older(const struct doctor_judged *j, uint32_t *have, uint32_t *want)
{
	return doctor_hop_serial(j->h, have) && doctor_hop_serial(j->reference, want) &&
	       dns_serial_is_newer(*want, *have);
}

/* Judges records that are there, but differ from those of the registry. */
static void different_judge(const struct doctor_judged *j, const struct doctor_view *v,
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
static void negative_judge(const struct doctor_judged *j, const struct doctor_view *v,
			   uint16_t type, size_t nwanted)
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

static void ttl_judge(const struct doctor_judged *j, const struct doctor_difference *d,
		      uint16_t type)
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

/* ---- what one answer shows ---- */

static void malformed_judge(const struct doctor_judged *j, const struct doctor_view *v)
{
	if (v->outcome == DOCTOR_ANSWERED && v->is_malformed)
		doctor_finding_add(j->f, DOCTOR_FAULT, "malformed", j->h->label,
				   "sends an answer that is malformed");
}

static void truncated_judge(const struct doctor_judged *j, size_t i)
{
	const struct doctor_view *udp = &j->h->question[i].view, *tcp = &j->h->whole[i].view;
	struct doctor_finding *found;

	if (!udp->is_truncated || tcp->outcome == DOCTOR_ANSWERED)
		return;
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "truncated", j->h->label,
				   "truncates its answer to the %s query, and does not answer over "
				   "TCP: %s",
				   type_text(j->s->types[i]), doctor_view_failure(tcp));
	doctor_finding_mend(found, "let TCP through to this port (RFC 7766)");
}

static void additional_judge(const struct doctor_judged *j, const struct doctor_view *wanted,
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

/* Judges that only this question gets no answer. */
static void silence_judge(const struct doctor_judged *j, const struct doctor_view *v, uint16_t type)
{
	struct doctor_finding *found;

	if (j->h->soa.view.outcome != DOCTOR_ANSWERED ||
	    (v->outcome != DOCTOR_SILENT && v->outcome != DOCTOR_FAILED))
		return;
	found = doctor_finding_add(j->f, DOCTOR_FAULT, "silent", j->h->label,
				   "answers others, but not the %s query: %s", type_text(type),
				   doctor_view_failure(v));
	doctor_finding_mend(
		found, "%s",
		j->h->kind == DOCTOR_REGISTRY
			? "see whether a firewall drops long answers, or fragments"
			: "see whether it reaches the registry, by TCP too: long answers "
			  "need it (RFC 7766)");
}

void doctor_judge_rcode(const struct doctor_judged *j, const struct doctor_view *v)
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

void doctor_judge_question(const struct doctor_judged *j, size_t i)
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
		doctor_judge_rcode(j, v);
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
