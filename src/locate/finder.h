/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/finder.h - finds the addresses of registries by their sources, in order.
 *
 * A list that is given alone counts. Otherwise: SRV records of the search domains, mDNS, the
 * servers of resolv.conf(5); the first of these that has any. It does not know whether they answer.
 * One thread. */
#pragma once

#include <stdbool.h>

#include "locate/known.h"
#include "locate/list.h"
#include "resolve/lookup.h"

struct locate_finder;

enum {
	LOCATE_FIND_HOSTS_MS = 4000, /* the most that each source may take */
	LOCATE_FIND_SEARCH_MS = 2000,
	LOCATE_FIND_MDNS_MS = 700,
};

/* What to find them by; borrowed until the end. */
struct locate_find_order {
	struct locate_list given;			  /* empty: the other sources */
	char sources[LOCATE_LIST_MAX][LOCATE_SOURCE_MAX]; /* where each item is from */
	bool has_mdns;
	bool has_trust; /* servers with TLS can be verified: they are found, too */
	const char *resolv_path, *hosts_path;
};

/* Takes what was found, which is valid during the call. The caller frees the finder, then or
 * later. */
typedef void (*locate_finder_fn)(void *arg, const struct locate_known *found, uint64_t now_ms);

/* Begins. Nothing is called before resolve_events_run. Returns 0 or -ENOMEM. */
int locate_finder_new(struct locate_finder **out, struct resolve_events *events,
		      const struct locate_find_order *order, locate_finder_fn done, void *arg);

/* Ends the search, also from within `done`; NULL is fine. */
void locate_finder_free(struct locate_finder *f);
