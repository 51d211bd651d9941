/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/stats.h - the figures of the LAN bridge. The bridge's thread writes them. */
#pragma once

#include <stdint.h>

/* Counted since the start. Consists of uint64_t only: base/counter.h. */
struct mdns_stats {
	uint64_t nadvertised, ndiscovered; /* now */
	uint64_t nrenamed, nstandby;	   /* now, of those that are to be advertised */
	uint64_t nconflicts;		   /* so far */
	uint64_t nrefused; /* now: for want of room in Avahi, or by a rule's limits */
	uint64_t nupdates, nfailed_updates; /* so far, of the registry */
	uint64_t nlost_changes;		    /* so far: times that all of a zone was read again */
};
