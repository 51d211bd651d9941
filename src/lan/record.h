/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/record.h - a record that is published on the LAN. Data only; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The transports over which a record is announced and answered. */
enum lan_transport { LAN_ANY, LAN_IPV4, LAN_IPV6 };

/* A record, in wire form and without compression. */
struct lan_record {
	const uint8_t *owner;
	uint16_t type;
	uint32_t ttl;
	const uint8_t *rdata;
	uint16_t nbytes;
	bool is_unique; /* only we have records of this name and type */
	enum lan_transport transport;
};
