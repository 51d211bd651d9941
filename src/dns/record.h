/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/record.h - one resource record of a zone, as the rooms hand it to each other.
 *
 * A view: the struct owns nothing, and is valid as long as the memory that it points to. It does
 * not know which zone it belongs to, or whether its rdata is valid. The class is always IN. Any
 * thread. */
#pragma once

#include <stdint.h>

struct dns_record {
	const uint8_t *owner; /* uncompressed name in wire form, in any case */
	uint16_t type;	      /* DNS_TYPE_... */
	uint32_t ttl;	      /* seconds */
	const uint8_t *rdata; /* uncompressed (dns/rdata.h) */
	uint16_t nbytes;      /* of `rdata` */
};
