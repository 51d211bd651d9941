/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/diff.h - what differs between two declarations of a service, and what follows from it for
 * its instances that run. Any thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "spec/service.h"

/* In the order of their weight. */
enum spec_consequence {
	SPEC_NOTHING,	 /* the new value is used from now on */
	SPEC_REREGISTER, /* the instance's records change */
	SPEC_SIGNAL,	 /* `reload` is done: a signal or a command */
	SPEC_RESTART,	 /* the instance is restarted */
	SPEC_ANOTHER,	 /* it is another service: the old instances end */
};

/* Takes one difference: `path` is a JSON pointer. NULL: the option is (now or was) not given. All
 * of it is borrowed. */
typedef void (*spec_diff_fn)(void *arg, const char *path, const json_t *old_value,
			     const json_t *new_value, enum spec_consequence consequence);

/* Returns the consequence of a change of the option of that name, the first in a pointer, for a
 * service with this action as its `reload`. */
enum spec_consequence spec_diff_consequence(const char *option, const struct spec_action *reload);

/* Returns what the consequence is called. */
const char *spec_diff_consequence_text(enum spec_consequence consequence);

/* Calls `on_difference`, unless it is NULL, with each difference, in the order of the names. Writes
 * the weightiest consequence to `worst`. Returns 0, or -ENOMEM. */
int spec_diff_find(const struct spec_service *before, const struct spec_service *after,
		   spec_diff_fn on_difference, void *arg, enum spec_consequence *worst);

/* Writes the two declarations as one text with `-` before the lines that go and `+` before those
 * that come, in YAML. NULL: there is none, before or after. Writes nothing if they are equal.
 * Returns 0, or -ENOMEM. */
int spec_diff_show(FILE *out, const struct spec_service *before, const struct spec_service *after);

/* Does the same for two JSON values that are objects. */
int spec_diff_show_json(FILE *out, const json_t *before, const json_t *after);
