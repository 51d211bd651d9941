/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/name.h - the name of what is to be found: a type, an instance, SRV records or a host.
 *
 * Text in, names out. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"

enum find_kind {
	FIND_TYPE,     /* _http._tcp, or a subtype of it: PTR records, or SRV records alone */
	FIND_INSTANCE, /* web-1._http._tcp: SRV and TXT records */
	FIND_HOST,     /* with a port: A and AAAA records; an address stands for itself */
	FIND_NAME,     /* without a port: SRV records at the name */
};

struct find_name {
	enum find_kind kind;
	uint8_t name[DNS_NAME_MAX];
	uint16_t port;	      /* of FIND_HOST */
	bool is_address;      /* of FIND_HOST: `address` is it, with the port */
	uint8_t address[128]; /* a struct sockaddr_storage, whose alignment is not needed here */
};

enum { FIND_NAME_WHY_MAX = 128 };

/* Reads `TYPE`, `INSTANCE.TYPE`, `NAME` or `HOST:PORT`; a name without final dot is completed with
 * `domain`, unless it ends with it already. Returns 0, or -EINVAL with the reason in `why`. */
int find_name_from_text(struct find_name *out, const char *text, const uint8_t *domain,
			char why[static FIND_NAME_WHY_MAX]);

/* Reads a name of any kind and completes it likewise. */
int find_name_complete(uint8_t out[static DNS_NAME_MAX], const char *text, const uint8_t *domain,
		       char why[static FIND_NAME_WHY_MAX]);
