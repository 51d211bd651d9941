/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What fuzz targets require of every response, whatever it answers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "dns/msg.h"

static inline void require(bool holds)
{
	if (!holds)
		abort();
}

/* Requires a whole message: a response with its questions and as many records as it counts, and no
 * octet after them. */
static inline void response_check(const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	unsigned records = (unsigned)h.ancount + h.nscount + h.arcount;

	require(h.flags & DNS_FLAG_QR);
	for (unsigned i = 0; i < h.qdcount; i++) {
		dns_name_skip(&b);
		base_buf_take(&b, 4);
	}
	for (; records > 0; records--) {
		struct dns_rr rr;

		require(dns_rr_parse(&b, &rr));
	}
	require(!b.has_failed && base_buf_left(&b) == 0);
}
