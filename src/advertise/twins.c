/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/twins.h"

#include <stdio.h>
#include <string.h>

#include "mdns/seen.h"
#include "mdns/table.h"

enum { FORMS = 2, FIRST = 2 }; /* " #2" and " (2)" */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool advertise_twins_original(uint8_t out[static DNS_NAME_MAX], const uint8_t *name)
{
	uint8_t label[DNS_LABEL_MAX + 1];
	size_t n = name[0], digits;
	bool has_bracket = n > 0 && name[n] == ')';

	if (has_bracket)
		n--;
	for (digits = 0; n > 0 && is_digit(name[n]); digits++)
		n--;
	if (digits == 0 || n < 3 || name[n] != (has_bracket ? '(' : '#') || name[n - 1] != ' ')
		return false;
	label[0] = (uint8_t)(n - 2);
	memcpy(label + 1, name + 1, label[0]);
	return dns_name_join(out, label, label[0] + 1u, dns_name_strip(name, 1)) > 0;
}

bool advertise_twins_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *original, unsigned i)
{
	uint8_t label[DNS_LABEL_MAX + 1];
	char suffix[16];
	int n = snprintf(suffix, sizeof(suffix), i % FORMS == 0 ? " #%u" : " (%u)",
			 i / FORMS + FIRST);

	if (original[0] + n > DNS_LABEL_MAX)
		return false;
	label[0] = (uint8_t)(original[0] + n);
	memcpy(label + 1, original + 1, original[0]);
	memcpy(label + 1 + original[0], suffix, (size_t)n);
	return dns_name_join(out, label, label[0] + 1u, dns_name_strip(original, 1)) > 0;
}

uint32_t advertise_twins_bit(const uint8_t *original, const uint8_t *name)
{
	uint8_t twin[DNS_NAME_MAX];

	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX; i++)
		if (advertise_twins_name(twin, original, i) && dns_name_equal(twin, name))
			return UINT32_C(1) << i;
	return 0;
}

/* Ends to resolve those that are not among `kept`. */
static void keep(struct advertise_twins *t, struct mdns_seen *seen, const uint8_t *original,
		 uint32_t kept)
{
	uint8_t name[DNS_NAME_MAX];

	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX; i++)
		if ((t->resolving & ~kept & UINT32_C(1) << i) != 0 &&
		    advertise_twins_name(name, original, i))
			mdns_seen_unresolve(seen, name);
	t->resolving &= kept;
}

bool advertise_twins_next(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original, const struct mdns_table *own)
{
	uint8_t name[DNS_NAME_MAX];
	struct mdns_seen_service s;
	unsigned n = 0;

	t->known |= t->resolving;
	keep(t, seen, original, 0);
	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX && n < ADVERTISE_TWINS_RESOLVED_MAX; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (!advertise_twins_name(name, original, i) || !mdns_seen_find(seen, name, &s) ||
		    !s.is_named) {
			t->known &= ~bit;
			continue;
		}
		if ((t->known & bit) != 0 || mdns_table_find(own, name) != NULL ||
		    mdns_seen_resolve(seen, name) < 0)
			continue;
		t->resolving |= bit;
		n++;
	}
	return n > 0;
}

void advertise_twins_find(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original, uint32_t bit)
{
	advertise_wait_end(&t->wait);
	keep(t, seen, original, bit);
	t->is_found = true;
}

void advertise_twins_stop(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original)
{
	advertise_wait_end(&t->wait);
	keep(t, seen, original, 0);
	t->known = 0;
	t->is_found = false;
}
