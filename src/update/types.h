/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/types.h - which keys may register which service types: `update: {types: ...}` of
 * weftd.conf(5), beside the built-in policy.
 *
 * A rule has a service type and the keys that may register instances of it; one rule may be for all
 * other types. A type without a rule is open to every key. Rules never change once they are part of
 * a policy: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct update_types;

/* One rule; everything is borrowed. */
struct update_type_rule {
	const uint8_t *type;	    /* wire name of `_svc._proto` alone; NULL: all other types */
	const uint8_t *const *keys; /* their wire names */
	size_t nkeys;
};

/* Copies `count` rules. Returns NULL if memory is short. */
struct update_types *update_types_new(const struct update_type_rule *rules, size_t count);

/* Frees the rules; NULL is fine. */
void update_types_free(struct update_types *t);

/* Parses a service type as people write it: `_http._tcp`, or `*` for all other types, with which
 * `*is_other` is set. Returns false if `text` is neither. */
bool update_types_parse(uint8_t *type, bool *is_other, const char *text);

enum { UPDATE_TYPES_TEXT_MAX = 100 };

/* Returns whether `key` may register instances of `type` (its labels above `zone`). If not, `text`
 * becomes the rule: `types: _http._tcp: [n1.keys.lab.cloud.]`, cut where it is too long. `t` may be
 * NULL: no rules. */
bool update_types_permit(const struct update_types *t, const uint8_t *key, const uint8_t *type,
			 char text[static UPDATE_TYPES_TEXT_MAX]);
