/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/why.h - the text that lists what was tried, and why it failed:
 * `web-1 192.0.2.1@80: refused; web-2 192.0.2.2@80: silent; and 995 more`.
 *
 * For people, and bounded. No state of its own; any thread. */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

#include "find/instance.h"

enum { REACH_WHY_MAX = 512 }; /* with the NUL */

/* All zero: nothing was tried. */
struct reach_why {
	char text[REACH_WHY_MAX];
	size_t nchars;
	unsigned nmore; /* for which there was no room */
};

/* Adds a line: the instance; its address, unless that is NULL; the reason. */
void reach_why_add(struct reach_why *w, const struct find_instance *i,
		   const struct sockaddr *address, const char *reason);

/* Adds `n` instances that are only counted. */
void reach_why_add_count(struct reach_why *w, size_t n);

/* Returns the text, with the number of those for which there was no room; valid as long as `w`. To
 * be called last. */
const char *reach_why_text(struct reach_why *w);

/* Returns what a negative errno of a connection means, in few words. */
const char *reach_why_reason(int error);
