/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/lan_browse.h - asks the Avahi daemon for a service or a host below `local`.
 *
 * The build chooses one of two files: lan_browse.c, or without Avahi's library lan_browse_none.c.
 * It waits for as long as the daemons do: to be called by a process that can be ended. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "doctor/hop.h"

enum {
	DOCTOR_LAN_MAX = 64,	   /* addresses of instances, or of a host; others are ignored */
	DOCTOR_LAN_LABEL_MAX = 64, /* of a label with its NUL */
	DOCTOR_LAN_ID_MAX = 64,
};

/* An instance at one of its addresses; or an address of a host, with its name as `instance`. */
struct doctor_lan_item {
	char instance[DOCTOR_LAN_LABEL_MAX]; /* its label: any octets but NUL */
	char id[DOCTOR_LAN_ID_MAX];	     /* `id=` of its TXT record; "" without */
	struct sockaddr_storage address;     /* with the port */
};

extern const bool doctor_lan_browse_can; /* Avahi's library is there */

/* Asks for the instances of a type, for one instance, or for the addresses of a host, and calls
 * `take` for each address of them, at most DOCTOR_LAN_MAX times. Returns 0 when Avahi has nothing
 * more for now; -EHOSTUNREACH if its daemon does not run, or has ended; or -EOPNOTSUPP. */
int doctor_lan_browse(const struct doctor_subject *s,
		      void (*take)(void *arg, const struct doctor_lan_item *item), void *arg);
