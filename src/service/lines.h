/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/lines.h - the lines of `weft browse`, for people and, with `;` between their fields, for
 * scripts made for avahi-browse. Pure: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct weft_instance;

struct service_lines {
	bool is_parsable;
	bool is_resolved;  /* with host, address, port and TXT */
	bool is_no_lookup; /* types as they are */
	size_t width;	   /* of the terminal; 0: no terminal */
};

/* Writes an instance that is there (`+`) or is gone (`-`); one that is there with all that is known
 * of it if that is wanted. */
void service_lines_write(const struct service_lines *l, FILE *out, char sign,
			 const struct weft_instance *i);
