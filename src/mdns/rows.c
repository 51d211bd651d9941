/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/rows.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void mdns_rows_init(struct mdns_rows *rows)
{
	memset(rows, 0, sizeof(*rows));
	pthread_mutex_init(&rows->lock, NULL);
}

void mdns_rows_fini(struct mdns_rows *rows)
{
	assert(rows->first == NULL);
	pthread_mutex_destroy(&rows->lock);
}

/* Returns the count that the row is part of. Under the lock. */
static uint64_t *count_of(struct mdns_rows *rows, const struct mdns_row *row)
{
	return &rows->counts[row->direction][row->state];
}

void mdns_rows_add(struct mdns_rows *rows, struct mdns_row *row)
{
	pthread_mutex_lock(&rows->lock);
	row->next = NULL;
	row->previous = rows->last;
	row->since_s = base_clock_wall_s();
	*(rows->last == NULL ? &rows->first : &rows->last->next) = row;
	rows->last = row;
	++*count_of(rows, row);
	pthread_mutex_unlock(&rows->lock);
}

static bool is_same(const struct mdns_row *row, enum mdns_row_state state, const uint8_t *lan_name,
		    const char *why)
{
	size_t n = lan_name == NULL ? 0 : dns_name_nbytes(lan_name);

	return row->state == state &&
	       memcmp(row->lan_name, lan_name == NULL ? row->lan_name : lan_name, n) == 0 &&
	       strncmp(row->why, why, sizeof(row->why) - 1) == 0;
}

void mdns_rows_set(struct mdns_rows *rows, struct mdns_row *row, enum mdns_row_state state,
		   const uint8_t *lan_name, const char *why)
{
	/* Only this thread writes, so it may read without the lock. */
	if (is_same(row, state, lan_name, why))
		return;
	pthread_mutex_lock(&rows->lock);
	if (row->state != state) {
		--*count_of(rows, row);
		row->state = state;
		++*count_of(rows, row);
		row->since_s = base_clock_wall_s();
	}
	if (lan_name != NULL)
		memcpy(row->lan_name, lan_name, dns_name_nbytes(lan_name));
	snprintf(row->why, sizeof(row->why), "%s", why);
	pthread_mutex_unlock(&rows->lock);
}

void mdns_rows_remove(struct mdns_rows *rows, struct mdns_row *row)
{
	pthread_mutex_lock(&rows->lock);
	*(row->previous == NULL ? &rows->first : &row->previous->next) = row->next;
	*(row->next == NULL ? &rows->last : &row->next->previous) = row->previous;
	--*count_of(rows, row);
	pthread_mutex_unlock(&rows->lock);
	row->next = row->previous = NULL;
}

void mdns_rows_each(struct mdns_rows *rows, void (*each)(void *arg, const struct mdns_row *row),
		    void *arg)
{
	pthread_mutex_lock(&rows->lock);
	for (const struct mdns_row *row = rows->first; row != NULL; row = row->next)
		each(arg, row);
	pthread_mutex_unlock(&rows->lock);
}

void mdns_rows_count(struct mdns_rows *rows, uint64_t out[2][MDNS_ROW_STATES])
{
	pthread_mutex_lock(&rows->lock);
	memcpy(out, rows->counts, sizeof(rows->counts));
	pthread_mutex_unlock(&rows->lock);
}
