/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/sender.h - one UPDATE on its way: signed for each attempt anew, its response verified.
 *
 * It corrects the time of its signatures when a server, by a signed response, has another clock,
 * within bounds. It does not know what the update changes. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "registrant/registrant.h"

struct registrant_clocks;
struct registrant_sender;

enum {
	REGISTRANT_UDP_MAX = 1232,   /* octets of an update that is sent over UDP, signed */
	REGISTRANT_WHY_MAX = 512,    /* bytes of a reason with its NUL */
	REGISTRANT_SKEW_MAX_S = 600, /* that a signature is corrected by */
};

/* What a sender goes by; the registrant's. */
struct registrant_signing {
	struct resolve_events *events;
	struct locate *locate;
	const struct registrant_clocks *clocks;
	int64_t skew_s; /* of the registry's clock against this host's, as far as is known */
};

/* How it ended. */
struct registrant_result {
	int error;	/* 0: a registry has answered, and `rcode` is its verified answer; or what
			   registrant_fn gets */
	bool is_turned_away; /* with an error: a registry has answered that it cannot do this */
	uint16_t rcode;	     /* not SERVFAIL */
	bool has_lease;
	uint32_t lease_s; /* granted */
	const char *why;  /* for people; valid during the call */
};

/* Takes the result. The owner frees the sender, then or later. */
typedef void (*registrant_sender_fn)(void *arg, const struct registrant_result *result,
				     uint64_t now_ms);

/* Returns the octets that a signature by the present key takes; 0 without a key. */
size_t registrant_sender_room(const struct registrant_signing *by);

/* Begins to send an update of `nbytes` (dns/update_write.h) in memory from malloc, which it takes
 * unless it fails. Nothing is called before resolve_events_run. Returns 0 or -ENOMEM. */
int registrant_sender_new(struct registrant_sender **out, struct registrant_signing *by,
			  uint8_t *msg, size_t nbytes, uint64_t deadline_ms,
			  registrant_sender_fn done, void *arg);

/* Ends it, also from within `done`; NULL is fine. */
void registrant_sender_free(struct registrant_sender *s);
