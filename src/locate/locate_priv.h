/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/locate_priv.h - what the files of the room share of a context. */
#pragma once

#include "base/arena.h"
#include "locate/config.h"
#include "locate/connection.h"
#include "locate/finder.h"
#include "locate/keys.h"
#include "locate/known.h"
#include "locate/locate.h"
#include "locate/probe.h"

struct locate {
	struct resolve_events *events;
	struct base_arena arena; /* of the configuration */
	struct locate_config config;
	struct locate_keys keys;
	uint8_t domain[DNS_NAME_MAX];

	struct locate_known known;
	struct locate_find_order order;
	struct locate_finder *finder; /* NULL: not under way */
	bool was_found;		      /* whether anything or not */
	uint64_t found_ms;

	struct locate_connections connections;
	struct locate_probe probe;
	struct locate_waiter *waiters;
	struct resolve_timer wake;
};

/* Begins what an exchange that begins gives reason for: a failed registry is probed, addresses are
 * found again if they are old, or if none answers. */
void locate_refresh(struct locate *l, uint64_t now_ms);
