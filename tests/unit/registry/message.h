/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/message.h - the octets of an update, for tests of what queues and applies updates. */
#pragma once

#include "base/buf.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "kit.h"

/* Room for a message of kit_message. */
enum { KIT_MESSAGE_NBYTES = 128 };

/* Writes an unsigned update of the world's zone that adds the address 10.0.0.0 + `number` at
 * `owner`. Returns its length. */
static inline size_t kit_message(uint8_t out[static KIT_MESSAGE_NBYTES], const struct kit_world *w,
				 const char *owner, unsigned number)
{
	struct base_out o = base_out_over(out, KIT_MESSAGE_NBYTES);
	const uint8_t *zone = zone_name(w->zone), *name = kit_name(owner);

	base_out_bytes(&o, "\x12\x34\x28\0\0\1\0\0\0\1\0\0", DNS_HEADER_SIZE);
	base_out_bytes(&o, zone, dns_name_nbytes(zone));
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	base_out_bytes(&o, name, dns_name_nbytes(name));
	base_out_u16(&o, DNS_TYPE_A);
	base_out_u16(&o, DNS_CLASS_IN);
	base_out_u32(&o, 60);
	base_out_u16(&o, 4);
	base_out_u32(&o, 0x0a000000 + number);
	assert_false(o.is_full);
	return base_out_nbytes(&o);
}
