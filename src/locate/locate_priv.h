/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/locate_priv.h - what the files of the room share of a context. */
#pragma once

#include "locate/connection.h"
#include "locate/known.h"
#include "locate/locate.h"

struct locate {
	struct resolve_events *events;
	struct locate_known known;
	struct locate_connections connections;
	struct fabric_tls_context *tls;
	struct locate_waiter *waiters;
	struct resolve_timer wake;
	uint8_t domain[DNS_NAME_MAX];
};

/* Begins what an exchange that begins gives reason for: a failed registry is probed, old addresses
 * are found again. */
void locate_refresh(struct locate *l, uint64_t now_ms);
