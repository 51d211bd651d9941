/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/text.h - the one text that a subscription to TXT records has: that of a `_spec` or a
 * `_schemas` name; and what is wrong with it, for people. No state; one thread. */
#pragma once

#include <stddef.h>

#include "assign/order.h"
#include "client/client.h"

struct assign_text {
	char *text; /* with a NUL, for the caller to free */
	size_t nchars;
};

/* Reads the record that the subscription has reported. `what` is the name it is at, for people:
 * `_spec`. Returns 0; -ENOENT if there is none, or -EBADMSG if there are several or it is not a
 * text, with `why` filled in; or -ENOMEM. */
int assign_text_read(struct assign_text *out, const struct client_subscription *s, const char *what,
		     char why[static ASSIGN_WHY_MAX]);

/* Writes a reason, which is cut if it is too long. */
void assign_why_set(char why[static ASSIGN_WHY_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
