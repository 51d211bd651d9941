/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/format.h - instances in the formats of programs that do not ask DNS: what `weft export`
 * writes.
 *
 * Instances without an address are left out, but of `env`. Of each its first address is used. What
 * comes from the network cannot leave the place it is written to: names are encoded, values
 * quoted. Knows no registry and no file; any thread. */
#pragma once

#include <stdio.h>

struct service_format;
struct service_input;

/* Returns the format of that name, or NULL. */
const struct service_format *service_format_find(const char *name);

/* Returns the names of all formats, with blanks between. */
const char *service_format_names(void);

/* Writes the instances. Returns 0 or -ENOMEM; errors of the stream are the caller's to look for. */
int service_format_write(const struct service_format *f, FILE *out, const struct service_input *in);

/* Likewise as JSON: an object or a list, as fits the format. */
int service_format_write_json(const struct service_format *f, FILE *out,
			      const struct service_input *in);
