/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* guard/limit.h - response rate limiting: how many answers a network gets over UDP in a second.
 *
 * A limit has credit for each prefix of client addresses, in a table of fixed size that all workers
 * share without locks. It does not know messages, cookies or clocks: the caller asks only about
 * clients whose address may be forged, and passes the time. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"

struct guard_limit;

/* A list of prefixes. The layout is that of all lists that conf/ reads. */
struct guard_limit_prefixes {
	struct base_prefix *items;
	size_t count;
};

/* The options of weftd.conf(5) `rate-limit`. */
struct guard_limit_settings {
	uint32_t responses_per_second; /* to each prefix; 0: no limit */
	uint32_t window_s;	       /* longest time for which responses over the limit count */
	uint32_t slip;	      /* every Nth response over the limit is sent truncated; 0: none */
	uint32_t ipv4_prefix; /* bits by which IPv4 clients are grouped, 1 to 32 */
	uint32_t ipv6_prefix; /* bits by which IPv6 clients are grouped, 1 to 128 */
	struct guard_limit_prefixes exempt; /* clients without limit */

	/* for a limit of its own: answers by which a forged query hurts its victim most */
	uint32_t large_per_second; /* large responses to each prefix; 0: no limit */
	uint32_t large_factor;	   /* a response is large if it is longer than the request by more
				      than this factor */
};

/* What to do with a response. */
enum guard_limit_verdict {
	GUARD_LIMIT_SEND, /* within the limit */
	GUARD_LIMIT_SLIP, /* over the limit: send an empty response with TC */
	GUARD_LIMIT_DROP, /* over the limit: send nothing */
};

/* Makes a limit with full credit for every prefix. `seed` must be random: it keeps clients from
 * choosing addresses that share a bucket. `settings` are copied; the items of `exempt` are borrowed
 * until guard_limit_free. Returns NULL when memory is short. */
struct guard_limit *guard_limit_new(const struct guard_limit_settings *settings, uint64_t seed);

/* Makes the limit of large responses from the same settings, likewise. What is over it always
 * slips. */
struct guard_limit *guard_limit_new_large(const struct guard_limit_settings *settings,
					  uint64_t seed);

/* Frees the limit. NULL is fine. */
void guard_limit_free(struct guard_limit *l);

/* Takes the credit of one response from the prefix of `client`; the port does not matter. `now_ms`
 * is a steady clock. Returns what to do with the response. */
enum guard_limit_verdict guard_limit_check(struct guard_limit *l, const struct sockaddr *client,
					   uint64_t now_ms);

/* Returns whether the client is this host by its loopback address, 127.0.0.1 or ::1, as which the
 * network cannot pretend to be. */
bool guard_limit_is_this_host(const struct sockaddr *client);
