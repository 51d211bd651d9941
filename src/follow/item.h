/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/item.h - the SRV records of a name that a watch follows, each of which is an item.
 *
 * An item is shown with the name's TXT and the addresses of its target, as soon as these are known.
 * It remains the same as long as its target and port do. Which names are to be shown, and when, it
 * does not know. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_subscription;
struct follow_host_user;
struct follow_hosts;
struct follow_item;
struct follow_shown;

enum { FOLLOW_ITEMS_MAX = 4096 }; /* SRV records of a name; others are ignored */

/* An SRV record; a view. */
struct follow_item_srv {
	const uint8_t *target;
	uint16_t priority, weight, port;
	uint32_t ttl_s;
};

/* What is read of the records of a name; views of what the client has. */
struct follow_item_reading {
	struct follow_item_srv *srvs; /* in the order of targets and ports */
	size_t n, size;
	const uint8_t *txt; /* NULL: none; of several, the first in canonical order */
	uint16_t ntxt;
	uint32_t txt_ttl_s;
	bool is_short;
};

/* The items of a name; all zero but for `owner`, which is not NULL. */
struct follow_items {
	void *owner;		  /* for follow_item_owner */
	struct follow_item **all; /* in the order of their targets and ports */
	size_t n;
};

/* Reads the records. Returns 0 or -ENOMEM; follow_item_reading_fini is owed in any case. */
int follow_item_read(struct follow_item_reading *r, const struct client_subscription *s);

void follow_item_reading_fini(struct follow_item_reading *r);

/* Makes the items those of the records, reports those that are gone, and shows those whose targets'
 * addresses are known. Stops when the watch is over. Returns 0, or -ENOMEM: it is to be called
 * again. */
int follow_items_show(struct follow_items *items, const uint8_t *name,
		      const struct follow_item_reading *r, struct follow_hosts *hosts,
		      struct follow_shown *shown);

/* Returns whether any item was reported. */
bool follow_items_has_shown(const struct follow_items *items);

/* Returns the owner of the item that uses a host. */
void *follow_item_owner(const struct follow_host_user *user);

/* Reports all items as gone, and frees them. */
void follow_items_remove(struct follow_items *items, struct follow_shown *shown);

/* Frees all items; nothing is reported. */
void follow_items_fini(struct follow_items *items);
