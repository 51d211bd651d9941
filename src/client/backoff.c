/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/backoff.h"

#include "dns/type.h"

uint32_t client_backoff_ms(unsigned nfailures, uint32_t random)
{
	uint32_t wait_ms = CLIENT_BACKOFF_LEAST_MS;

	if (nfailures <= 1)
		return random % (CLIENT_BACKOFF_LEAST_MS + 1);
	while (--nfailures > 0 && wait_ms < CLIENT_BACKOFF_MOST_MS)
		wait_ms *= 2;
	if (wait_ms > CLIENT_BACKOFF_MOST_MS)
		wait_ms = CLIENT_BACKOFF_MOST_MS;
	return wait_ms - random % (wait_ms / 2 + 1);
}

uint32_t client_backoff_refused_s(unsigned rcode)
{
	switch (rcode) {
	case DNS_RCODE_SERVFAIL:
		return 60;
	case DNS_RCODE_NOTIMP:
	case DNS_RCODE_DSOTYPENI:
		return 3600;
	default:
		return 300;
	}
}
