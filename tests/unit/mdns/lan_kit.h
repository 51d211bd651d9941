/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/lan_kit.h - a LAN that does what a test wants: it replaces lan/group.h, lan/browser.h,
 * mdns/seen.h, and the clock and timers of libev in a program that has lan_kit.c among its
 * sources. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lan/group.h"
#include "mdns/seen.h"

/* Forgets everything; nothing may be published any more. */
void lan_kit_reset(void);

/* Returns all records that are published as lines `OWNER TTL TYPE RDATA`, with " unique", " IPv4"
 * and " IPv6" at the end, sorted. In static memory until the next call. */
const char *lan_kit_records(void);

/* Returns how often groups were published, and how many there are. */
unsigned lan_kit_npublished(void);
unsigned lan_kit_ngroups(void);

/* Changes the state of the group that has records of its own (SRV, A, AAAA) at the name, and
 * reports that. */
void lan_kit_set_state(const char *name, enum lan_group_state state);

/* Puts a service on the LAN, or changes it, and reports that; without a target it is only named.
 * `txt` is one string, `address` an IPv4 address, or NULL. */
void lan_kit_see(const char *name, uint16_t port, const char *target, const char *txt,
		 const char *address);

/* Removes a service from the LAN, and reports that. */
void lan_kit_unsee(const char *name);

/* Returns whether the type is followed, and whether an instance is being resolved. */
bool lan_kit_follows(const char *type);
bool lan_kit_resolves(const char *name);

/* Returns how many types are followed and instances resolved. */
unsigned lan_kit_nfollowed(void);

/* Has browsers for A records report an address. */
void lan_kit_add_address(const char *host, const char *address);

/* Lets time pass, and timers end. */
void lan_kit_pass(uint64_t ms);
