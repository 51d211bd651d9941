/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/request.h - an UPDATE on its way to the registrar and back, and work for the registrar's
 * thread that is not an update. Both wait in lock-free queues. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "ledger/leases.h"
#include "ledger/refresh.h"
#include "update/update.h"

struct ledger_refresh;
struct registry_registrar;
struct registry_request;
struct update_policy;
struct view_rule;
struct zone;

/* Is called in the registrar's thread when a request is done; its `result` and `lease` are filled
 * in, or `is_unknown` is set, and the request is the caller's again. A burst of calls ends with
 * registry_settings.on_replied. */
typedef void (*registry_reply_fn)(struct registry_request *r);

/* An UPDATE whose signature has been verified. Its memory is the caller's, and must stay unchanged
 * from registry_registrar_put to the reply. */
struct registry_request {
	struct base_queue_link link; /* first */
	struct zone *zone;
	const struct update_policy *policy; /* valid until the reply, like the rules */
	const struct ledger_lease_rule *lease_rule;
	const struct view_rule *view_rule;
	const uint8_t *msg; /* without TSIG */
	size_t nbytes;
	const uint8_t *key;		 /* wire name of the key that signed; NULL: unsigned */
	uint32_t old_epoch;		 /* of the key, if that is not the newest; else 0 */
	uint64_t ahead_s;		 /* its time signed, seconds since 1970, if that was
					    ahead of our clock; else 0 */
	const char *client;		 /* address as text, for the audit line */
	struct ledger_lease_terms lease; /* as asked for; with the reply, as granted */
	struct ledger_fingerprint print; /* if it asks for a lease and is signed */
	uint64_t source;		 /* by which it queues: registry_registrar_source */
	uint64_t arrived_us;		 /* steady clock */
	size_t nwaiting;		 /* octets of memory that it takes until it is freed */
	registry_reply_fn reply;
	struct update_result result;
	bool is_unknown; /* nobody can know whether it was stored: it must not be answered */

	/* the registrar's */
	struct ledger_lease_terms asked; /* `lease` as it came */
	struct ledger_refresh *refresh;	 /* what is to be learnt of it */
};

/* Work to be done between two batches: a reload, a new zone. Its memory is the caller's until `run`
 * is called, which may free it. */
struct registry_call {
	struct base_queue_link link; /* first */
	void (*run)(struct registry_registrar *r, void *arg);
	void *arg;
};
