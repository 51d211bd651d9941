/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* Reads the options of an OPT record. */
static void options_read(struct doctor_view *v, const struct dns_rr *rr)
{
	struct base_buf b = rr->rdata;
	size_t nbytes = rr->rdlength;
	const uint8_t *bytes = base_buf_take(&b, nbytes);

	b = base_buf_over(bytes, bytes != NULL ? nbytes : 0);
	while (base_buf_left(&b) > 0) {
		uint16_t code = base_buf_u16(&b), n = base_buf_u16(&b);
		const uint8_t *value = base_buf_take(&b, n);
		struct base_out text;

		if (value == NULL || code != DNS_OPTION_EDE || n < 2 || v->ede != DNS_EDE_NONE)
			continue;
		v->ede = base_load16(value);
		text = base_out_over(v->ede_text, sizeof(v->ede_text) - 1);
		cli_text_write(&text, value + 2, n - 2u);
		*text.at = '\0';
	}
}

/* Finds the OPT record, which resolve_message_next passes over. */
static void edns_read(struct doctor_view *v, struct base_buf b, unsigned nrecords)
{
	struct dns_rr rr;

	for (unsigned i = 0; i < nrecords && dns_rr_parse(&b, &rr); i++) {
		if (rr.type != DNS_TYPE_OPT)
			continue;
		v->has_edns = true;
		v->rcode |= rr.ttl >> 24 << 4;
		options_read(v, &rr);
		return;
	}
}

static int record_add(struct doctor_view *v, const struct resolve_answer_record *from)
{
	struct doctor_record *r = &v->records[v->nrecords];

	*r = (struct doctor_record){
		.section = from->section,
		.type = from->type,
		.nbytes = from->nbytes,
		.ttl = from->ttl,
		.rdata = malloc(from->nbytes > 0 ? from->nbytes : 1),
	};
	if (r->rdata == NULL)
		return -ENOMEM;
	memcpy(r->rdata, from->rdata, from->nbytes);
	memcpy(r->owner, from->owner, dns_name_nbytes(from->owner));
	v->nrecords++;
	return 0;
}

static int records_read(struct doctor_view *v, struct resolve_answer *a)
{
	size_t n = a->nanswer + a->nauthority + a->nadditional;
	struct resolve_answer_record *record;
	int ret = 0;

	n = n < DOCTOR_RECORDS_MAX ? n : DOCTOR_RECORDS_MAX;
	if (n == 0)
		return 0;
	v->records = calloc(n, sizeof(*v->records));
	record = malloc(sizeof(*record));
	if (v->records == NULL || record == NULL)
		ret = -ENOMEM;
	while (ret == 0 && v->nrecords < n && resolve_message_next(a, record))
		ret = record_add(v, record);
	v->is_malformed = a->at.has_failed;
	free(record);
	return ret;
}

int doctor_view_take(struct doctor_view *v, const uint8_t *msg, size_t nbytes, uint16_t id,
		     const uint8_t *name, uint16_t type)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	size_t nname = dns_name_nbytes(name);
	struct resolve_answer a;
	int ret;

	if (!resolve_message_parse(&a, msg, nbytes, id, name, type))
		return 0;
	v->outcome = DOCTOR_ANSWERED;
	v->rcode = a.rcode;
	v->is_authoritative = a.is_authoritative;
	v->is_truncated = a.is_truncated;
	v->is_recursive = h.flags & DNS_FLAG_RA;
	v->ede = DNS_EDE_NONE;
	v->is_case_kept =
		h.qdcount == 1 && base_buf_left(&b) >= nname && memcmp(b.at, name, nname) == 0;
	edns_read(v, a.at, a.nanswer + a.nauthority + a.nadditional);
	ret = records_read(v, &a);
	if (ret < 0)
		doctor_view_fini(v);
	return ret < 0 ? ret : 1;
}

void doctor_view_fini(struct doctor_view *v)
{
	for (size_t i = 0; i < v->nrecords; i++)
		free(v->records[i].rdata);
	free(v->records);
	*v = (struct doctor_view){0};
}

bool doctor_view_is_good(const struct doctor_view *v)
{
	return v->outcome == DOCTOR_ANSWERED && !v->is_truncated && !v->is_malformed &&
	       (v->rcode == DNS_RCODE_NOERROR || v->rcode == DNS_RCODE_NXDOMAIN);
}

const struct doctor_record *doctor_view_next(const struct doctor_view *v,
					     enum resolve_section section, uint16_t type,
					     const struct doctor_record *last)
{
	for (size_t i = last == NULL ? 0 : (size_t)(last - v->records) + 1; i < v->nrecords; i++)
		if (v->records[i].section == section && v->records[i].type == type)
			return &v->records[i];
	return NULL;
}

size_t doctor_view_count(const struct doctor_view *v, enum resolve_section section, uint16_t type)
{
	const struct doctor_record *r = NULL;
	size_t n = 0;

	while ((r = doctor_view_next(v, section, type, r)) != NULL)
		n++;
	return n;
}

const struct doctor_record *doctor_view_soa(const struct doctor_view *v)
{
	const struct doctor_record *r = doctor_view_next(v, RESOLVE_ANSWER, DNS_TYPE_SOA, NULL);

	return r != NULL ? r : doctor_view_next(v, RESOLVE_AUTHORITY, DNS_TYPE_SOA, NULL);
}

const struct doctor_record *doctor_view_find(const struct doctor_view *v, uint16_t type,
					     const uint8_t *rdata, size_t nbytes)
{
	const struct doctor_record *r = NULL;

	while ((r = doctor_view_next(v, RESOLVE_ANSWER, type, r)) != NULL)
		if (dns_rdata_compare(type, r->rdata, r->nbytes, rdata, nbytes) == 0)
			return r;
	return NULL;
}

bool doctor_view_is_bogus(const struct doctor_view *v)
{
	return v->ede == 1 || v->ede == 2 || v->ede == 5 || v->ede == 27 ||
	       (v->ede >= DOCTOR_EDE_BOGUS && v->ede <= DOCTOR_EDE_DNSSEC_LAST);
}

const char *doctor_view_failure(const struct doctor_view *v)
{
	return v->outcome == DOCTOR_FAILED ? strerror(-v->error) : "no answer in time";
}
