/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/order.h - the order in which the targets of an SRV RRset are contacted (RFC 2782).
 *
 * Knows no names. Randomness is an argument. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What an SRV record has. */
struct resolve_order_srv {
	uint16_t priority, weight, port;
	const uint8_t *target; /* not looked at */
};

/* Returns a random number below `n`, which is not 0. */
typedef uint32_t (*resolve_order_random_fn)(void *arg, uint32_t n);

/* Returns one that nobody can guess, each with the same chance; `arg` is ignored. */
uint32_t resolve_order_random(void *arg, uint32_t n);

/* Sorts by priority, and draws the order among those of one priority by weight. */
void resolve_order_sort(struct resolve_order_srv *srv, size_t n, resolve_order_random_fn random,
			void *arg);
