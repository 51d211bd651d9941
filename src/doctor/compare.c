/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/compare.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/text.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* Returns the SRV record of the answer for the same target and port, which is not itself in
 * `other`. */
static const struct doctor_record *srv_find(const struct doctor_view *v,
					    const struct doctor_view *other,
					    const struct doctor_record *like)
{
	const struct doctor_record *r = NULL;

	while ((r = doctor_view_next(v, RESOLVE_ANSWER, DNS_TYPE_SRV, r)) != NULL)
		if (base_load16(r->rdata + DNS_SRV_PORT) ==
			    base_load16(like->rdata + DNS_SRV_PORT) &&
		    dns_name_equal(r->rdata + DNS_SRV_TARGET, like->rdata + DNS_SRV_TARGET) &&
		    doctor_view_find(other, DNS_TYPE_SRV, r->rdata, r->nbytes) == NULL)
			return r;
	return NULL;
}

static uint32_t ttl_least(const struct doctor_view *v, uint16_t type)
{
	const struct doctor_record *r = NULL;
	uint32_t ttl = UINT32_MAX;

	while ((r = doctor_view_next(v, RESOLVE_ANSWER, type, r)) != NULL)
		ttl = r->ttl < ttl ? r->ttl : ttl;
	return ttl == UINT32_MAX ? 0 : ttl;
}

void doctor_compare(struct doctor_difference *d, const struct doctor_view *wanted,
		    const struct doctor_view *found, uint16_t type)
{
	const struct doctor_record *r = NULL;

	*d = (struct doctor_difference){
		.nwanted = doctor_view_count(wanted, RESOLVE_ANSWER, type),
		.nfound = doctor_view_count(found, RESOLVE_ANSWER, type),
		.ttl_wanted = ttl_least(wanted, type),
		.ttl_found = ttl_least(found, type),
	};
	while ((r = doctor_view_next(wanted, RESOLVE_ANSWER, type, r)) != NULL) {
		const struct doctor_record *after = NULL;

		if (doctor_view_find(found, type, r->rdata, r->nbytes) != NULL)
			continue;
		if (type == DNS_TYPE_SRV)
			after = srv_find(found, wanted, r);
		if (after != NULL) {
			d->nchanged++;
			d->before = r;
			d->after = after;
		} else {
			d->nmissing++;
			d->missing = r;
		}
	}
	while ((r = doctor_view_next(found, RESOLVE_ANSWER, type, r)) != NULL) {
		if (doctor_view_find(wanted, type, r->rdata, r->nbytes) != NULL ||
		    (type == DNS_TYPE_SRV && srv_find(wanted, found, r) != NULL))
			continue;
		d->nextra++;
		d->extra = r;
	}
}

bool doctor_compare_is_same(const struct doctor_difference *d)
{
	return d->nmissing == 0 && d->nextra == 0 && d->nchanged == 0;
}

/* Writes a TXT's strings with blanks between. */
static void txt_write(struct base_out *o, const struct doctor_record *r)
{
	struct base_buf b = base_buf_over(r->rdata, r->nbytes);

	while (base_buf_left(&b) > 0) {
		size_t n = base_buf_u8(&b);
		const uint8_t *text = base_buf_take(&b, n);

		if (text == NULL)
			return;
		if (base_out_nbytes(o) > 0)
			base_out_u8(o, ' ');
		cli_text_write(o, text, n);
	}
}

const char *doctor_record_to_text(char out[static DOCTOR_TEXT_MAX], const struct doctor_record *r)
{
	struct base_out o = base_out_over(out, DOCTOR_TEXT_MAX - 1);
	const uint8_t *target = dns_rdata_target(r->type, r->rdata, r->nbytes);
	char name[DNS_NAME_TEXT_MAX] = "";

	if (target != NULL)
		dns_name_to_text(name, target);
	if (r->type == DNS_TYPE_SRV)
		snprintf(out, DOCTOR_TEXT_MAX, "%u %u %u %.120s", base_load16(r->rdata),
			 base_load16(r->rdata + DNS_SRV_WEIGHT),
			 base_load16(r->rdata + DNS_SRV_PORT), name);
	else if (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA)
		inet_ntop(r->type == DNS_TYPE_A ? AF_INET : AF_INET6, r->rdata, out,
			  DOCTOR_TEXT_MAX);
	else if (target != NULL)
		snprintf(out, DOCTOR_TEXT_MAX, "%.*s", DOCTOR_TEXT_MAX - 1, name);
	else if (r->type == DNS_TYPE_TXT) {
		txt_write(&o, r);
		*o.at = 0;
	} else
		snprintf(out, DOCTOR_TEXT_MAX, "%u octets", r->nbytes);
	return out;
}
