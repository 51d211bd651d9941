/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/browse_kit.h - a LAN for tests of what browses: records that appear and go, instead of
 * lan/browser.h, with a daemon that runs or not.
 *
 * Nothing is reported before kit_lan_run. Names are text, complete with `local.` unless they end
 * with a dot. One thread. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/name.h"
#include "dns/type.h"

/* Whether the daemon runs; it does at first. */
extern bool kit_lan_is_running;

/* Returns a wire name, in static memory until the eighth call after this one. */
const uint8_t *kit_lan_name(const char *text);

/* Add or remove records; what is there already, or is not, changes nothing. */
void kit_lan_ptr(bool is_added, const char *owner, const char *target);
void kit_lan_srv(bool is_added, const char *owner, uint16_t port, const char *target);
void kit_lan_txt(bool is_added, const char *owner, const char *string);
void kit_lan_a(bool is_added, const char *owner, const char *address);
void kit_lan_aaaa(bool is_added, const char *owner, const char *address);

/* Adds or removes an instance with its PTR, SRV, TXT, and an A record of its host. */
void kit_lan_service(bool is_added, const char *label, const char *type, uint16_t port,
		     const char *host, const char *address);

/* Reports to the browsers what they do not know yet, until nothing is left. Returns whether
 * there was anything. */
bool kit_lan_run(void);

/* Report a PTR to the browser that was made last as added or removed, in constant time: for
 * many. */
void kit_lan_see(const char *target);
void kit_lan_lose(const char *target);

/* Returns how many browsers there are. */
size_t kit_lan_nbrowsers(void);

/* Removes all records; no browser may be left. */
void kit_lan_clear(void);
