/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/policy.h - who may update what, in BIND's update-policy grammar.
 *
 *	grant|deny IDENTITY RULETYPE [NAME] [TYPE...]
 *
 * Rules are asked in order, the first that matches key, owner and type decides; without one the
 *answer is no (RFC 3007 section 3). A policy knows no zone data. Once made it never changes: any
 *thread may ask it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct update_policy;

/* Told of what is wrong with rule `index` (the first is 0). `text` is good during the call. */
typedef void (*update_policy_error_fn)(void *arg, size_t index, const char *text);

/* Makes a policy for `zone` of `count` rules. All wrong rules are reported to `on_error`. Returns
 * 0, -EBADMSG if a rule was wrong, or -ENOMEM. */
int update_policy_parse(struct update_policy **out, const char *const *rules, size_t count,
			const uint8_t *zone, update_policy_error_fn on_error, void *arg);

/* Makes the policy "`key` may change anything". NULL when memory is short. */
struct update_policy *update_policy_new_key(const uint8_t *key);

/* Makes the ready policy for the keys of `fabric` (a wire name), which update/fabric_policy.h
 * knows. NULL when memory is short. */
struct update_policy *update_policy_new_fabric(const uint8_t *fabric);

/* The name of that fabric, NULL under another policy. Lives as long as the policy. */
const uint8_t *update_policy_fabric(const struct update_policy *p);

/* A number that no other policy of this process ever has. */
uint64_t update_policy_number(const struct update_policy *p);

/* Frees it; NULL is fine. */
void update_policy_free(struct update_policy *p);

struct update_verdict {
	bool allowed;
	unsigned rule; /* number of the rule that decided, the first is 1; 0: no rule matched */
};

/* Whether `key` (a wire name; NULL for an unsigned request) may add or remove records of `type` at
 * `owner`, as far as rules say so: not for the ready policy. */
struct update_verdict update_policy_check(const struct update_policy *p, const uint8_t *key,
					  const uint8_t *owner, uint16_t type);

/* Whether any rule could ever allow anything to `key`. If not, an update need not be queued: it is
 * REFUSED. */
bool update_policy_admits(const struct update_policy *p, const uint8_t *key);

/* The text of rule number `rule` as it was configured, or "no rule" for 0. Lives as long as the
 * policy. */
const char *update_policy_text(const struct update_policy *p, unsigned rule);
