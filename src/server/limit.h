/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/limit.h - response rate limiting: no prefix gets more answers over UDP a second than
 * configured.
 *
 * Credit by prefix of the client's address in a table of fixed size that all workers share without
 * locks. It knows no message; who holds a good cookie is not asked about at all. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"

/* A list of prefixes; the layout is that of all lists that conf/ reads. */
struct server_limit_prefixes {
	struct base_prefix *items;
	size_t count;
};

struct server_limit_settings {
	uint32_t responses_per_second; /* 0: no limit */
	uint32_t window_s; /* credit is never more than so many seconds' worth, nor debt */
	uint32_t slip;	   /* every so-manyth response over the limit is sent truncated; 0: none */
	uint32_t ipv4_prefix, ipv6_prefix; /* bits that make clients one */
	struct server_limit_prefixes exempt;
};

struct server_limit;

enum server_limit_verdict { SERVER_LIMIT_SEND, SERVER_LIMIT_SLIP, SERVER_LIMIT_DROP };

/* Makes a table. `seed` is random. `settings` is copied but for `exempt`, which must stay. NULL
 * when memory is short. */
struct server_limit *server_limit_new(const struct server_limit_settings *settings, uint64_t seed);

/* NULL is fine. */
void server_limit_free(struct server_limit *l);

/* Takes one response's worth of credit from the client's prefix at `now_ms` (a monotonic clock). */
enum server_limit_verdict server_limit_check(struct server_limit *l, const struct sockaddr *client,
					     uint64_t now_ms);
