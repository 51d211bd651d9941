/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/svcb.h - the parameters of SVCB and HTTPS records (RFC 9460 section 7): keys and checks.
 *
 * It knows the wire form only; text is in text/svcb_parse.h and text/svcb_write.h. No state; any
 * thread. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

/* SvcParamKeys (RFC 9460 section 14.3.2, RFC 9461 section 5, RFC 9540 section 4). */
enum {
	DNS_SVCB_MANDATORY = 0,
	DNS_SVCB_ALPN = 1,
	DNS_SVCB_NO_DEFAULT_ALPN = 2,
	DNS_SVCB_PORT = 3,
	DNS_SVCB_IPV4HINT = 4,
	DNS_SVCB_ECH = 5,
	DNS_SVCB_IPV6HINT = 6,
	DNS_SVCB_DOHPATH = 7,
	DNS_SVCB_OHTTP = 8,
};

/* Checks parameters: rising keys, a valid value for each key that is known, all keys that are
 * mandatory. Returns what is wrong with them, a constant, or NULL. */
const char *dns_svcb_fault(struct base_buf params);
