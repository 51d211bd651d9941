/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/farewell.h - goodbyes that Avahi does not send.
 *
 * When an entry is withdrawn Avahi sends no goodbye (RFC 6762 section 10.1) while another entry has
 * the same record, even if that is for another interface or transport: of a service on two
 * interfaces the peers at one of them would keep it until its TTL has ended. So what points to a
 * service is announced there once more, with a TTL of one second, which a goodbye means. The
 * daemon's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lan_daemon;
struct lan_farewell;
struct lan_record;

/* Begins a farewell with no records, which is NULL; adds a pointer record (copied) to it, on one
 * interface. What Avahi has no room for is left out. */
void lan_farewell_add(struct lan_farewell **f, struct lan_daemon *d,
		      const struct lan_record *record, int interface);

/* Announces a farewell; it ends by itself. NULL is fine. */
void lan_farewell_send(struct lan_farewell *f);

/* Ends those of a pointer record, which has been published again. */
void lan_farewell_cancel(struct lan_daemon *d, const struct lan_record *record, int interface);

/* Ends all, after the groups of the daemon have been freed: when they have been announced, for
 * which it waits up to a second; without waiting if Avahi is away or calls are interrupted. */
void lan_farewell_end(struct lan_daemon *d);
