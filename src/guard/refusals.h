/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* guard/refusals.h - the requests that were refused: why, from which key or client, how often, and
 * what mends it.
 *
 * Each refusal is counted by its reason, by the caller. It is remembered here together with those
 * like it (same reason, key, client, zone and kind of request), for `weft explain`, and gets a
 * line of the log. A flood costs little: a worker looks at some refusals a second and only counts
 * the others, those like one that was logged in the last 10 s get no line, and all of them
 * together few. Refusals of a key whose signature was valid, and those that anybody can cause, are
 * limited and remembered apart, so that the latter take nothing from the former.
 *
 * The unit knows neither sockets nor rules. Any thread; a gate belongs to one worker. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/name.h"

struct guard_refusals;

/* Why a request was refused. */
enum guard_reason {
	GUARD_NOT_REFUSED,
	/* the signature */
	GUARD_BAD_MAC,
	GUARD_SHORT_MAC,
	GUARD_BAD_TIME,
	GUARD_REPLAYED,
	GUARD_UNKNOWN_KEY,
	GUARD_WRONG_ALGORITHM,
	GUARD_REVOKED_KEY,
	GUARD_OUTDATED_KEY,
	GUARD_MALFORMED_TSIG,
	/* permission */
	GUARD_UNSIGNED,
	GUARD_NOT_PERMITTED,
	GUARD_FOREIGN_ZONE,
	GUARD_TRANSFER,
	/* the update, by the registrar */
	GUARD_POLICY,
	GUARD_CONFLICT,
	GUARD_PREREQUISITE,
	GUARD_MALFORMED,
	GUARD_SIZE,
	GUARD_QUOTA,
	GUARD_WORK,
	GUARD_NOT_STORED,
	GUARD_QUEUE_FULL,
	GUARD_REASONS, /* how many there are */
};

/* Returns the name of a reason, a constant: `bad-mac`. */
const char *guard_reason_text(unsigned reason);

/* Returns what an operator can do about it, a constant sentence. */
const char *guard_reason_mend(unsigned reason);

enum { GUARD_WHY_MAX = 256 };

/* A refusal, or several that are alike. */
struct guard_refusal {
	enum guard_reason reason;
	bool is_proved;	     /* the signature of the request was valid */
	const char *request; /* a constant: what was asked, `update` */
	uint8_t key[DNS_NAME_MAX];  /* lower case, as the client named it; the root: none */
	uint8_t zone[DNS_NAME_MAX]; /* lower case, as the client named it; the root: none */
	char client[BASE_ADDRESS_TEXT_MAX];
	char why[GUARD_WHY_MAX]; /* the extended error's text */

	/* of those that are alike */
	uint64_t first_s, last_s; /* seconds since 1970 */
	uint64_t count;
};

/* How much one worker hands on in this second. All zero at first. */
struct guard_gate {
	uint64_t now_s;
	/* by `is_proved` */
	uint32_t taken[2];
	uint32_t skipped[2]; /* not counted in the log yet */
};

/* Makes an empty memory. Returns NULL if memory is short. */
struct guard_refusals *guard_refusals_new(void);

/* Frees the memory; NULL is fine. */
void guard_refusals_free(struct guard_refusals *rs);

/* Returns whether the worker is to hand on one more refusal at `now_s`. */
bool guard_gate_take(struct guard_gate *gate, bool is_proved, uint64_t now_s);

/* Remembers a refusal at `now_s`; its times and count are not looked at. Logs it if `must_log`:
 * what the registrar refuses has a line already. */
void guard_refusals_add(struct guard_refusals *rs, const struct guard_refusal *refusal,
			bool must_log, uint64_t now_s);

/* Copies to `out` the refusals of a key, by its whole name or by its first labels, or of a client's
 * address, the newest first; at most `max`. Returns how many there are. */
size_t guard_refusals_find(struct guard_refusals *rs, const char *key_or_client,
			   struct guard_refusal *out, size_t max);
