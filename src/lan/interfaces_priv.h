/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/interfaces_priv.h - the indexes of a set of interfaces. The daemon's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lan/interfaces.h"

/* Returns the indexes of the interfaces that there are now, `n` of them; with no names it is one,
 * that of all interfaces. */
const int *lan_interfaces_indexes(const struct lan_interfaces *i, size_t *n);

/* Returns whether an index is one of these. */
bool lan_interfaces_has(const struct lan_interfaces *i, int index);
