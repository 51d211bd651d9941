/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/policy.h - who may update what, in BIND's update-policy grammar.
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

struct registry_policy;

/* Told of what is wrong with rule `index` (the first is 0). `text` is good during the call. */
typedef void (*registry_policy_error_fn)(void *arg, size_t index, const char *text);

/* Makes a policy for `zone` of `count` rules. All wrong rules are reported to `on_error`. Returns
 * 0, -EBADMSG if a rule was wrong, or -ENOMEM. */
int registry_policy_parse(struct registry_policy **out, const char *const *rules, size_t count,
			  const uint8_t *zone, registry_policy_error_fn on_error, void *arg);

/* Makes the policy "`key` may change anything". NULL when memory is short. */
struct registry_policy *registry_policy_new_key(const uint8_t *key);

/* Makes the ready policy for the keys of `fabric` (a wire name), which registry/ready.h knows. NULL
 * when memory is short. */
struct registry_policy *registry_policy_new_fabric(const uint8_t *fabric);

/* The name of that fabric, NULL under another policy. Lives as long as the policy. */
const uint8_t *registry_policy_fabric(const struct registry_policy *p);

/* A number that no other policy of this process ever has. */
uint64_t registry_policy_number(const struct registry_policy *p);

/* Frees it; NULL is fine. */
void registry_policy_free(struct registry_policy *p);

struct registry_verdict {
	bool allowed;
	unsigned rule; /* number of the rule that decided, the first is 1; 0: no rule matched */
};

/* Whether `key` (a wire name; NULL for an unsigned request) may add or remove records of `type` at
 * `owner`, as far as rules say so: not for the ready policy. */
struct registry_verdict registry_policy_check(const struct registry_policy *p, const uint8_t *key,
					      const uint8_t *owner, uint16_t type);

/* Whether any rule could ever allow anything to `key`. If not, an update need not be queued: it is
 * REFUSED. */
bool registry_policy_admits(const struct registry_policy *p, const uint8_t *key);

/* The text of rule number `rule` as it was configured, or "no rule" for 0. Lives as long as the
 * policy. */
const char *registry_policy_text(const struct registry_policy *p, unsigned rule);
