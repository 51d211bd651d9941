/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../atlas/zone_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "atlas/atlas.h"
#include "base/buf.h"
#include "dns/name.h"
#include "dns/type.h"
#include "spec/rdata.h"

enum { RECORDS = 64, RDATA = 700 };

const uint8_t zone_made_zone[] = "\3lab\5cloud";

/* The records of a zone that is being made. */
static struct {
	struct dns_record records[RECORDS];
	uint8_t owners[RECORDS][DNS_NAME_MAX], rdata[RECORDS][RDATA];
	size_t n;
} made;

static uint8_t name_room[8][DNS_NAME_MAX];

/* Returns the name of a text, relative to the zone, in one of some places. */
const uint8_t *zone_made_name(const char *text)
{
	static unsigned next;
	uint8_t *name = name_room[next++ % 8];

	assert_true(dns_name_from_text(name, text, strlen(text), zone_made_zone) > 0);
	return name;
}

uint8_t *zone_made_record(const char *owner, uint16_t type, size_t nbytes)
{
	size_t i = made.n++;

	assert_true(i < RECORDS && nbytes <= RDATA);
	memcpy(made.owners[i], zone_made_name(owner), DNS_NAME_MAX);
	made.records[i] = (struct dns_record){.owner = made.owners[i],
					      .type = type,
					      .ttl = 5,
					      .rdata = made.rdata[i],
					      .nbytes = (uint16_t)nbytes};
	return made.rdata[i];
}

/* Adds a TXT record of pairs, with a blank between. */
void zone_made_txt(const char *owner, const char *pairs)
{
	uint8_t rdata[RDATA];
	struct base_out o = base_out_over(rdata, sizeof(rdata));
	const char *at = pairs;

	while (*at != '\0') {
		size_t n = strcspn(at, " ");

		base_out_u8(&o, (uint8_t)n);
		base_out_bytes(&o, at, n);
		at += n + (at[n] == ' ');
	}
	memcpy(zone_made_record(owner, DNS_TYPE_TXT, base_out_nbytes(&o)), rdata,
	       base_out_nbytes(&o));
}

void zone_made_json(const char *owner, const char *text)
{
	uint8_t rdata[RDATA];
	size_t n = spec_rdata_write(rdata, sizeof(rdata), text, strlen(text));

	assert_true(n > 0);
	memcpy(zone_made_record(owner, DNS_TYPE_TXT, n), rdata, n);
}

void zone_made_ptr(const char *owner, const char *target)
{
	const uint8_t *name = zone_made_name(target);
	size_t n = dns_name_nbytes(name);

	memcpy(zone_made_record(owner, DNS_TYPE_PTR, n), name, n);
}

void zone_made_srv(const char *owner, uint16_t port, const char *target)
{
	const uint8_t *name = zone_made_name(target);
	size_t n = dns_name_nbytes(name);
	uint8_t *rdata = zone_made_record(owner, DNS_TYPE_SRV, 6 + n);

	base_store16(rdata, 0);
	base_store16(rdata + 2, 10);
	base_store16(rdata + 4, port);
	memcpy(rdata + 6, name, n);
}

struct atlas *zone_made_atlas(void)
{
	struct atlas *a;

	assert_int_equal(atlas_new(&a, zone_made_zone, made.records, made.n), 0);
	return a;
}

void zone_made_clear(void)
{
	made.n = 0;
}
