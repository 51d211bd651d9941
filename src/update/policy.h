/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/policy.h - which key may update what, in BIND's update-policy grammar.
 *
 *	grant|deny IDENTITY RULETYPE [NAME] [TYPE...]
 *
 * The first rule that matches key, owner and type decides; if none does, the update is refused (RFC
 * 3007 section 3). A policy knows no zone data. It never changes once it is made, so any thread may
 * use it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/usage.h"

struct update_policy;
struct update_types;

/* The most that one key may have in a zone, by enum ledger_kind; 0: no limit. */
struct update_quota {
	uint64_t max[LEDGER_KINDS];
};

/* Is called with what is wrong with rule `index` (the first is 0). `text` is valid during the call.
 */
typedef void (*update_policy_error_fn)(void *arg, size_t index, const char *text);

/* Makes a policy for `zone` (wire name) from `count` rules, and reports every invalid rule to
 * `on_error`. Returns 0, -EBADMSG if a rule is invalid, or -ENOMEM; `out` is set only on success.
 */
int update_policy_parse(struct update_policy **out, const char *const *rules, size_t count,
			const uint8_t *zone, update_policy_error_fn on_error, void *arg);

/* Makes the policy that `key` (wire name) may change anything. Returns NULL if memory is short. */
struct update_policy *update_policy_new_key(const uint8_t *key);

/* Makes the built-in policy for the keys of `fabric` (wire name), update/fabric_policy.h. Returns
 * NULL if memory is short. */
struct update_policy *update_policy_new_fabric(const uint8_t *fabric);

/* Makes the built-in policy for the key of the LAN bridge that discovers services below `into`
 * (wire names), update/lan_policy.h. Returns NULL if memory is short. */
struct update_policy *update_policy_new_lan(const uint8_t *key, const uint8_t *into);

/* Complete a policy before it is used: `quota` (copied) is that of each of its keys, but not of a
 * fabric's administrator; `types` (taken over) are the rules for service types beside a built-in
 * policy. Without them there is no quota, and every type is open. Return 0, or -ENOMEM with the
 * policy unchanged. */
int update_policy_set_quota(struct update_policy *p, const struct update_quota *quota);
void update_policy_set_types(struct update_policy *p, struct update_types *take);

/* Returns the quota of `key` (wire name), valid as long as the policy, or NULL. */
const struct update_quota *update_policy_quota(const struct update_policy *p, const uint8_t *key);

/* Returns the rules for service types, valid as long as the policy, or NULL. */
const struct update_types *update_policy_types(const struct update_policy *p);

/* Returns whether `key` (wire name) administers `fabric`: `admin.keys.FABRIC`. */
bool update_policy_is_admin(const uint8_t *key, const uint8_t *fabric);

/* Returns the fabric of a built-in policy, valid as long as the policy, or NULL for any other. */
const uint8_t *update_policy_fabric(const struct update_policy *p);

/* Returns the name below which a policy for the LAN bridge's key lets it discover, valid as long as
 * the policy, or NULL for any other. */
const uint8_t *update_policy_into(const struct update_policy *p);

/* Returns a number that no other policy of this process has or had. */
uint64_t update_policy_number(const struct update_policy *p);

/* Frees a policy; NULL is fine. */
void update_policy_free(struct update_policy *p);

struct update_verdict {
	bool is_allowed;
	unsigned rule; /* number of the rule that decided, the first is 1; 0: no rule matched */
};

/* Returns whether the rules allow `key` (wire name; NULL: unsigned) to add or remove records of
 * `type` at `owner`. Not for the built-in policies, which need to see the zone. */
struct update_verdict update_policy_check(const struct update_policy *p, const uint8_t *key,
					  const uint8_t *owner, uint16_t type);

/* Returns whether any rule could allow anything to `key` (NULL: unsigned). If not, an update is
 * REFUSED without being queued. */
bool update_policy_admits(const struct update_policy *p, const uint8_t *key);

/* Returns rule number `rule` as it was configured, or "no rule" for 0, valid as long as the
 * policy. */
const char *update_policy_text(const struct update_policy *p, unsigned rule);
