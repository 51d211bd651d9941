/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* guard/replay.h - which signed updates have been taken, so that none is done twice.
 *
 * A signature proves which key wrote an update, not that its holder sends it now: a captured
 * datagram can be sent again while its time is within the fudge (RFC 8945 section 5.2.3, 10).
 * The memory knows each update by its key, the time signed and the MAC. An update that comes a
 * second time gets the answer of the first time and does nothing: that is a retransmission's right,
 * and all that a replay gets.
 *
 * Each key has a memory of its own, so no key makes another's updates forgotten. When it is full,
 * the older half is forgotten, and from then on nothing of that key is taken that was signed
 * earlier than what was forgotten: BADTIME, on which the client signs again. The same holds for
 * what a weftd before this one may have done. Clients that share a key may differ in time as long
 * as the memory reaches back so far: 300 s for 600 updates a second, three seconds for 60,000.
 *
 * It knows no message and no zone. Any thread; a lock for each part of the keys is held for some
 * hundred instructions. */
#pragma once

#include <stdint.h>

#include "ledger/lease.h"

struct dns_tsig;
struct guard_replay;

enum {
	/* Updates that are remembered of one key at most, and octets of all keys together beyond
	 * which none gets more room. */
	GUARD_REPLAY_PER_KEY = 196608,
	GUARD_REPLAY_NBYTES = 64 << 20,
};

/* How an update was answered. */
struct guard_replay_answer {
	uint8_t rcode;
	struct ledger_lease_terms lease; /* as granted */
};

enum guard_replay_verdict {
	GUARD_REPLAY_NEW,     /* not seen before; guard_replay_end is owed */
	GUARD_REPLAY_DONE,    /* done before: to be answered as then */
	GUARD_REPLAY_IN_HAND, /* being done: it will be answered once */
	GUARD_REPLAY_OLD,     /* signed before what is remembered: BADTIME */
};

/* Makes an empty memory. Returns NULL if memory is short. */
struct guard_replay *guard_replay_new(void);

/* Takes nothing that was signed before `time_s` (seconds since 1970): by `key`, a wire name in
 * lower case; by any key if that is NULL. Before updates come. Returns 0 or -ENOMEM. */
int guard_replay_forget(struct guard_replay *r, const uint8_t *key, uint64_t time_s);

/* Frees the memory. NULL is fine. */
void guard_replay_free(struct guard_replay *r);

/* Takes the signature of an update, `tsig` after DNS_TSIG_VERIFIED. With GUARD_REPLAY_DONE writes
 * the answer. */
enum guard_replay_verdict guard_replay_begin(struct guard_replay *r, const struct dns_tsig *tsig,
					     uint64_t now_s, struct guard_replay_answer *answer);

/* Records how a new update was answered; or with NULL, or SERVFAIL, that it was not done: it will
 * be new again. `tsig` is as it was verified. */
void guard_replay_end(struct guard_replay *r, const struct dns_tsig *tsig,
		      const struct guard_replay_answer *answer);
