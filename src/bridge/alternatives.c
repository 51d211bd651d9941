/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/alternatives.h"

#include <stddef.h>
#include <string.h>

#include "bridge/names.h"
#include "bridge/table.h"

enum { SAVE_MS = 1000 };

static bool make(uint8_t out[static DNS_NAME_MAX], const uint8_t *original, unsigned number,
		 bridge_alternative_fn alternative)
{
	if (number > 1)
		return alternative(out, original, number);
	memcpy(out, original, dns_name_nbytes(original));
	return true;
}

unsigned bridge_alternatives_find(const struct bridge_alternatives *a, const uint8_t *name,
				  const uint8_t *original, bridge_alternative_fn alternative)
{
	const uint8_t *remembered = bridge_names_find(a->names, name);
	uint8_t other[DNS_NAME_MAX];

	if (remembered == NULL)
		return 1;
	/* It is not one if the rule had another suffix then. */
	for (unsigned i = 2; i <= BRIDGE_ALTERNATIVES_MAX; i++)
		if (make(other, original, i, alternative) && dns_name_equal(other, remembered))
			return i;
	return 1;
}

unsigned bridge_alternative_choose(uint8_t out[static DNS_NAME_MAX], const uint8_t *original,
				   unsigned number, const struct bridge_table *taken,
				   bridge_alternative_fn alternative)
{
	for (; number <= BRIDGE_ALTERNATIVES_MAX; number++)
		if (make(out, original, number, alternative) &&
		    bridge_table_find(taken, out) == NULL)
			return number;
	return 0;
}

static void on_saving(struct bridge_wait *w)
{
	struct bridge_alternatives *a =
		(void *)((char *)w - offsetof(struct bridge_alternatives, saving));

	bridge_names_save(a->names);
}

void bridge_alternatives_set(struct bridge_alternatives *a, const uint8_t *name,
			     const uint8_t *lan_name)
{
	if (bridge_names_set(a->names, name, lan_name) == 0 && a->saving.next == NULL)
		bridge_wait_begin(a->waits, &a->saving, SAVE_MS, on_saving);
}

void bridge_alternatives_init(struct bridge_alternatives *a, struct bridge_names *names,
			      struct bridge_waits *waits)
{
	*a = (struct bridge_alternatives){.names = names, .waits = waits};
}

void bridge_alternatives_fini(struct bridge_alternatives *a)
{
	bridge_wait_end(&a->saving);
}
