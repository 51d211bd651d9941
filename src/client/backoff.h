/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/backoff.h - how long a client waits before it tries again. No state; any thread. */
#pragma once

#include <stdint.h>

enum { CLIENT_BACKOFF_LEAST_MS = 500, CLIENT_BACKOFF_MOST_MS = 60000 };

/* Returns the wait in milliseconds after `nfailures` (at least 1) in a row: doubled with each, up
 * to CLIENT_BACKOFF_MOST_MS, of which a random part of up to a half is taken away; so clients that
 * have lost the same server do not come back at the same time. After the first failure the wait is
 * anything from 0 on. */
uint32_t client_backoff_ms(unsigned nfailures, uint32_t random);

/* Returns the wait in seconds before a refused SUBSCRIBE is sent again, if the server gave none:
 * the recommendations of RFC 8765 section 6.2.2. */
uint32_t client_backoff_refused_s(unsigned rcode);
