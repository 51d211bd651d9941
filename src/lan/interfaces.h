/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/interfaces.h - the network interfaces on which something is published or browsed.
 *
 * Named interfaces may come later, go, and come back with another index: the groups and browsers
 * that use the set follow. The daemon's thread. */
#pragma once

#include <stddef.h>

struct lan_daemon;
struct lan_interfaces;

enum { LAN_INTERFACES_MAX = 32 };

/* Makes a set of `n` names (copied); none: all interfaces that avahi-daemon uses. Groups and
 * browsers borrow it. Returns NULL if memory is short. */
struct lan_interfaces *lan_interfaces_new(struct lan_daemon *d, const char *const *names, size_t n);

/* Frees a set that no group and no browser uses any more. NULL is fine. */
void lan_interfaces_free(struct lan_interfaces *i);
