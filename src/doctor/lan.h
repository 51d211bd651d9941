/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/lan.h - what the local link answers to a name by mDNS: the same service or host below
 * `local`, as this host's avahi-daemon knows it.
 *
 * A child process asks, since Avahi's library may wait for the D-Bus daemon. It does not compare
 * (doctor/lan_judge.h). One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/child.h"
#include "doctor/lan_browse.h"

enum { DOCTOR_LAN_MS = 2500 }; /* the longest that is waited; Avahi is content after 1 second */

struct doctor_lan {
	struct doctor_child child; /* private */
	uint64_t started_us;	   /* private */

	bool is_asked;
	/* 0; -EHOSTUNREACH: no avahi-daemon; -ETIMEDOUT: there may be more than `items`; or another
	 * negative errno */
	int error;
	struct doctor_lan_item items[DOCTOR_LAN_MAX];
	size_t n;
	uint32_t rtt_us;
};

/* Begins to ask, if this weft is built with Avahi's library. */
void doctor_lan_begin(struct doctor_lan *l, const struct doctor_subject *s);

/* Waits until all is known, until `deadline_ms` on the steady clock, or until DOCTOR_LAN_MS are
 * over. */
void doctor_lan_end(struct doctor_lan *l, uint64_t deadline_ms);

/* Returns whether the item is the first of its instance. */
bool doctor_lan_is_first(const struct doctor_lan *l, size_t i);
