/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/browser.h - the records of one name and type on the LAN, followed.
 *
 * Avahi queries for them, keeps them until their TTL ends or a goodbye comes, and reports both; the
 * browser makes one set of what several interfaces and transports have. While the daemon is away
 * the set stays as it was; some 3 s after it is back, what is not there any more is reported as
 * removed. The daemon's own records, and so those that we publish, are in the set as well. The
 * daemon's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lan_browser;
struct lan_daemon;
struct lan_interfaces;

enum lan_browser_event {
	LAN_BROWSER_ADDED,
	LAN_BROWSER_REMOVED,
	LAN_BROWSER_ALL,    /* all that is known for now has been reported; no record; again after
			       each return of the daemon or of an interface */
	LAN_BROWSER_FAILED, /* Avahi does not browse this name, or has no room; tried again from
			       time to time; no record */
};

enum { LAN_BROWSER_RECORDS_MAX = 4096 }; /* of one browser; others are ignored */

/* Is called from the loop, never from within a function of the browser. `rdata` is wire form
 * without compression, checked to be that of the type (PTR, SRV, TXT, A, AAAA) and valid during the
 * call. The browser may be freed in it. */
typedef void (*lan_browser_fn)(void *arg, struct lan_browser *b, enum lan_browser_event event,
			       const uint8_t *rdata, size_t nbytes);

/* Begins to browse the records of `type` at `name` (wire name, copied). `where` is borrowed.
 * Returns NULL if memory is short. */
struct lan_browser *lan_browser_new(struct lan_daemon *d, const struct lan_interfaces *where,
				    const uint8_t *name, uint16_t type, lan_browser_fn on_record,
				    void *arg);

/* Calls `each` with the rdata of each record that is there now. */
void lan_browser_each(const struct lan_browser *b,
		      void (*each)(void *arg, const uint8_t *rdata, size_t nbytes), void *arg);

/* Ends browsing, without further calls. NULL is fine. */
void lan_browser_free(struct lan_browser *b);
