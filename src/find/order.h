/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/order.h - the order of instances, with randomness as an argument.
 *
 * find_order and find_order_sticky, of the door, are the same for callers. Any thread. */
#pragma once

#include <stddef.h>

#include "resolve/order.h"

struct find_instance;

/* Orders as find_order does, with numbers from `random`. Where memory is short it orders by state
 * and priority only. */
void find_order_with(struct find_instance **all, size_t n, resolve_order_random_fn random,
		     void *arg);
