/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/listing.h - the list of the service types of a domain: `weft browse` without a type. One
 * thread. */
#pragma once

struct service;

/* Lists the types on standard output. Returns an exit status, after a message if there are none. */
int service_listing(const struct service *s);
