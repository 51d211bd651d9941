/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lease.h - the messages and the two kinds of load of tests/bench/lease. */
#pragma once

#include "../load.h"

/* Writes the registration, which is also the refresh, of service number `i`: new SRV and TXT,
 * and the PTR. Returns its length. */
size_t lease_registration(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX]);

/* Writes a query for the service's SRV. Returns its length. */
size_t lease_query(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX]);

/* The two kinds of load; each prints one line of JSON, and returns the exit status. */
int lease_steady(struct load *l, double seconds, double interval_s, double deaths_per_s);
int lease_rate(struct load *l, unsigned window, uint32_t count, unsigned rounds);
