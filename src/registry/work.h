/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/work.h - batches that answer no update: what the daemon asks of the registrar.
 *
 * Every function runs in the registrar's thread (registry_registrar_run, registry_registrar_call),
 * or before that is started, and none from within another batch. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_lease;
struct registry_hold;
struct registry_registrar;
struct registry_state;
struct store_item;
struct view_rule;
struct zone;
struct zone_draft;

/* Returns the state; what is changed in it becomes durable by registry_work_save. */
struct registry_state *registry_work_state(struct registry_registrar *r);

/* Returns the time of the lease clock. */
uint64_t registry_work_now(struct registry_registrar *r);

/* Begins a batch with a draft of `zone`, to be ended by registry_work_commit or
 * registry_work_abort. Returns NULL if memory is short or the zone has no version;
 * registry_work_abort is due then too. */
struct zone_draft *registry_work_begin(struct registry_registrar *r, struct zone *zone);

/* Begins to prepare a large change of `zone` in another thread, the caller of the registrar
 * (registry/hold.h). Returns the hold, valid as long as the registrar, or NULL if memory is short
 * or a zone is held already. */
struct registry_hold *registry_work_prepare(struct registry_registrar *r, struct zone *zone);

/* Begins a batch with the draft that was prepared, to be ended by registry_work_commit or
 * registry_work_abort; it must not be changed if it is sealed. Returns NULL if the zone was taken
 * back, or memory is short: then there is no batch. */
struct zone_draft *registry_work_adopt(struct registry_registrar *r);

/* Makes the batch durable and visible, with `item` (or NULL) if the zone has changed. Records that
 * it changed lose their leases: the administrator wrote them. Returns 1 if the zone has a new
 * version, 0 if nothing changed, or a negative errno with everything undone. */
int registry_work_commit(struct registry_registrar *r, const struct store_item *item);

/* Undoes the batch. */
void registry_work_abort(struct registry_registrar *r);

/* Makes the changes to the state durable on their own. Returns 0, or a negative errno with them
 * undone. */
int registry_work_save(struct registry_registrar *r);

/* Makes an item durable on its own, with the changes to the state. Returns 0, or a negative errno
 * with them undone. */
int registry_work_save_item(struct registry_registrar *r, const struct store_item *item);

/* Ends leases of any zones at once, as if their time had come. Returns 0, or a negative errno with
 * everything undone. */
int registry_work_expire(struct registry_registrar *r, struct ledger_lease *const *leases,
			 size_t count);

/* Begins to make the service view of a zone agree with its records and `rule`; `ttl_before_s` is
 * the TTL of the rule until now. This takes steps, so that the registrar does other work between
 * them. Until the last one updates of the zone are set aside; other work on it does all steps that
 * are left first. If steps of another zone are left, they are dropped. */
void registry_work_reconcile_begin(struct registry_registrar *r, struct zone *zone,
				   const struct view_rule *rule, uint32_t ttl_before_s);

/* Does the next step, a batch of its own. Returns 1 if there are more, 0 after the last one or if
 * there was none, or a negative errno, after which there are no more: those before it remain. */
int registry_work_reconcile_step(struct registry_registrar *r);

/* Makes the reverse PTRs of all service views agree after `reverse` was loaded or its file merged;
 * does nothing if that is not a reverse zone. Returns 0, or a negative errno with the last view's
 * changes undone. */
int registry_work_reconcile_reverse(struct registry_registrar *r, const struct zone *reverse);

/* Drains an instance of a zone with a service view, or ends that. Returns 1, 0 if the instance was
 * in that state already, -ENOENT if it is not registered, -EBUSY if it stays drained because its
 * node is, or another negative errno with everything undone. */
int registry_work_drain(struct registry_registrar *r, struct zone *zone,
			const struct view_rule *rule, const uint8_t *instance, bool is_drained);

/* Drains a node, or ends that, for instances that are registered from now on (view/node.h). Returns
 * 1, 0 if the node was in that state already, or a negative errno with nothing changed. */
int registry_work_drain_node(struct registry_registrar *r, const uint8_t *node, bool is_drained);

/* Makes `count` instances, wire names of a zone with a service view, agree with the nodes that are
 * drained, in one batch. Returns how many changed, or a negative errno with everything undone. */
int registry_work_drain_follow(struct registry_registrar *r, struct zone *zone,
			       const struct view_rule *rule, const uint8_t *const *instances,
			       size_t count);

/* Counts what the keys of a zone's fabric have registered (ledger/usage.h), when the fabric is new.
 * Returns 0, or -ENOMEM with nothing changed. */
int registry_work_count(struct registry_registrar *r, const struct zone *zone);

/* Makes the store forget a zone: its records, and all that the state has of it. `item`, of the
 * zone's own, goes with them. Returns 0, or a negative errno with the state as it was. */
int registry_work_purge(struct registry_registrar *r, const uint8_t *zone,
			const struct store_item *item);
