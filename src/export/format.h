/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* export/format.h - instances in the formats of programs that do not ask DNS: what `weft export`
 * writes.
 *
 * Instances without an address are left out, but of `env`. Of each its first address is used. What
 * comes from the network cannot leave the place it is written to: names are encoded, values
 * quoted. Knows no registry and no file; any thread. */
#pragma once

#include <stdio.h>

struct export_format;
struct export_input;

/* Returns the format of that name, or NULL. */
const struct export_format *export_format_find(const char *name);

/* Returns the names of all formats, with blanks between. */
const char *export_format_names(void);

/* Writes the instances. Returns 0 or -ENOMEM; errors of the stream are the caller's to look for. */
int export_format_write(const struct export_format *f, FILE *out, const struct export_input *in);

/* Likewise as JSON: an object or a list, as fits the format. */
int export_format_write_json(const struct export_format *f, FILE *out,
			     const struct export_input *in);
