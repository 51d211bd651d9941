/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/address.h - an address of a host, as its record has it. Any thread. */
#pragma once

#include <stdint.h>

enum { MDNS_ADDRESSES_MAX = 16 }; /* of a host and family; others are ignored */

struct mdns_address {
	uint16_t type;	   /* A or AAAA */
	uint8_t bytes[16]; /* A: the first four; the others are 0 */
};
