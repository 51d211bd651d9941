/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* depend/choice.h - which of the instances that there are a user of their service takes.
 *
 * The choice stays as long as it is good. It knows no events and no time. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/instance.h"

enum { DEPEND_WHERE_MAX = 64 }; /* room for `[ADDRESS]:PORT` and a NUL */

/* What is chosen; all zero: nothing. */
struct depend_choice {
	const struct find_instance *instance; /* a reference; NULL: none */
	char host_port[DEPEND_WHERE_MAX];
	struct sockaddr_storage address; /* the one in `host_port` */
};

/* Returns whether the instance belongs to the service of that name: NAME or NAME-N, directly below
 * `type`, the owner name of the type. */
bool depend_choice_has(const struct find_instance *i, const char *name, const uint8_t *type);

/* Chooses among the `n` instances at `all`, which belong to the service; their order may change.
 * Returns whether the result differs from before in instance, address, port or incarnation. */
bool depend_choice_make(struct depend_choice *c, struct find_instance **all, size_t n);

/* Leaves nothing chosen. */
void depend_choice_fini(struct depend_choice *c);
