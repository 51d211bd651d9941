/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/alternatives.h"

#include <stddef.h>
#include <string.h>

#include "advertise/names.h"
#include "mdns/table.h"

enum { SAVE_MS = 1000 };

static bool make(uint8_t out[static DNS_NAME_MAX], const uint8_t *original, unsigned number,
		 advertise_alternative_fn alternative)
{
	if (number > 1)
		return alternative(out, original, number);
	memcpy(out, original, dns_name_nbytes(original));
	return true;
}

unsigned advertise_alternatives_find(const struct advertise_alternatives *a, const uint8_t *name,
				     const uint8_t *original, advertise_alternative_fn alternative)
{
	const uint8_t *remembered = advertise_names_find(a->names, name);
	uint8_t other[DNS_NAME_MAX];

	if (remembered == NULL)
		return 1;
	/* It is not one if the rule had another suffix then. */
	for (unsigned i = 2; i <= ADVERTISE_ALTERNATIVES_MAX; i++)
		if (make(other, original, i, alternative) && dns_name_equal(other, remembered))
			return i;
	return 1;
}

unsigned advertise_alternative_choose(uint8_t out[static DNS_NAME_MAX], const uint8_t *original,
				      unsigned number, const struct mdns_table *taken,
				      advertise_alternative_fn alternative)
{
	for (; number <= ADVERTISE_ALTERNATIVES_MAX; number++)
		if (make(out, original, number, alternative) && mdns_table_find(taken, out) == NULL)
			return number;
	return 0;
}

static void on_saving(struct advertise_wait *w)
{
	struct advertise_alternatives *a =
		(void *)((char *)w - offsetof(struct advertise_alternatives, saving));

	advertise_names_save(a->names);
}

void advertise_alternatives_set(struct advertise_alternatives *a, const uint8_t *name,
				const uint8_t *lan_name)
{
	if (advertise_names_set(a->names, name, lan_name) == 0 && a->saving.next == NULL)
		advertise_wait_begin(a->waits, &a->saving, SAVE_MS, on_saving);
}

void advertise_alternatives_init(struct advertise_alternatives *a, struct advertise_names *names,
				 struct advertise_waits *waits)
{
	*a = (struct advertise_alternatives){.names = names, .waits = waits};
}

void advertise_alternatives_fini(struct advertise_alternatives *a)
{
	advertise_wait_end(&a->saving);
}
