/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/hosting.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/name.h"
#include "zone/zone.h"

const char *hosting_file_state_text(const struct hosting_zone *h)
{
	static const char *const words[] = {
		[HOSTING_FILE_SERVED] = "served",
		[HOSTING_FILE_STALE] = "stale",
		[HOSTING_FILE_REFUSED] = "refused",
	};

	return words[atomic_load_explicit(&h->file_state, memory_order_relaxed)];
}

struct hosting_zone *hosting_zone_new(const uint8_t *name, const char *file, uint64_t seed)
{
	struct hosting_zone *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->seed = seed;
	h->zone = zone_new(name, seed);
	if (h->zone == NULL || hosting_zone_set_file(h, file) < 0) {
		hosting_zone_free(h);
		return NULL;
	}
	return h;
}

int hosting_zone_set_file(struct hosting_zone *h, const char *file)
{
	char *copy = file == NULL ? NULL : strdup(file);

	if (file != NULL && copy == NULL)
		return -ENOMEM;
	hosting_zone_take_file(h, copy);
	return 0;
}

/* Returns the lowest number that no zone of the list has, or the last, which zones share. */
static unsigned number_find(const struct hosting *list)
{
	bool is_taken[ZONE_NUMBERS] = {false};
	unsigned number = 0;

	if (list->count >= ZONE_NUMBERS)
		return ZONE_NUMBERS - 1;
	for (size_t i = 0; i < list->count; i++)
		is_taken[zone_number(list->items[i]->zone)] = true;
	while (number < ZONE_NUMBERS - 1 && is_taken[number])
		number++;
	return number;
}

void hosting_zone_take_file(struct hosting_zone *h, char *take)
{
	free(h->file);
	h->file = take;
}

int hosting_add(struct hosting *list, struct hosting_zone *h)
{
	struct hosting_zone **items =
		base_grow(list->items, list->count, &list->capacity, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	list->items = items;
	zone_set_number(h->zone, number_find(list));
	list->items[list->count++] = h;
	return 0;
}

void hosting_remove(struct hosting *list, const struct hosting_zone *h)
{
	size_t i = 0;

	while (i < list->count && list->items[i] != h)
		i++;
	if (i == list->count)
		return;
	list->count--;
	memmove(list->items + i, list->items + i + 1, (list->count - i) * sizeof(*list->items));
}

struct hosting_zone *hosting_find(const struct hosting *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (dns_name_equal(zone_name(list->items[i]->zone), name))
			return list->items[i];
	return NULL;
}

void hosting_zone_free(struct hosting_zone *h)
{
	if (h == NULL)
		return;
	if (h->first != NULL)
		zone_release(h->zone, h->first);
	zone_free(h->zone);
	free(h->file);
	hosting_files_fini(&h->files);
	free(h);
}
