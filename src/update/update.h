/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/update.h - what an UPDATE message means (RFC 2136 section 3, RFC 3007).
 *
 * Checks a request against the newest draft of its zone and applies it: all of it or nothing. It
 * knows no socket, no signature (the key's name is an argument), no lease, and leaves the SOA's
 * automatic serial to the registrar. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry_ledger;
struct update_policy;
struct zone_draft;
struct dns_record;

/* Room for the parsed records of one request, used again for each. */
struct view_rule;
struct update_context;

/* Who wants to know what an update does; each may be NULL. */
struct update_hooks {
	/* A name that the update is about, before anything is looked up at it. It may come again,
	 * and may be in another zone. */
	void (*on_name)(void *arg, const uint8_t *name);
	/* A record, just before it is removed; not the SOA, which is only ever replaced. */
	void (*on_removed)(void *arg, struct zone_draft *draft, const struct dns_record *record);
	void *arg;
};

/* Makes one. `ledger` says who owns names, for the ready policy; NULL where no zone has that.
 * `hooks` are copied; NULL: nobody wants to know. NULL when memory is short. */
struct update_context *update_context_new(const struct registry_ledger *ledger,
					  const struct update_hooks *hooks);

/* Frees it; NULL is fine. */
void update_context_free(struct update_context *u);

enum { UPDATE_TEXT_MAX = 256, REGISTRY_AUDIT_MAX = 1024 };

struct update_result {
	uint16_t rcode;
	int ede;       /* DNS_EDE_NONE if there is nothing to explain */
	unsigned rule; /* the policy rule that decided last, from 1; 0: none was asked, or none
			  matched */
	uint32_t nadded, nremoved;  /* records; one with a new TTL counts as added */
	char text[UPDATE_TEXT_MAX]; /* EDE text: which record, prerequisite or rule; "" if
						ede is DNS_EDE_NONE */
};

/* Applies the update in the `nbytes` at `msg` to `draft`, the draft of `zone`; the worker has
 * verified opcode and signature and cut off the TSIG (its ARCOUNT is not looked at). `key` is the
 * wire name of the key that signed, NULL if none did. Fills in `result` and returns its RCODE, the
 * draft being changed only if that is NOERROR; or -ENOMEM, after which the draft is good only for
 * zone_draft_abort. */
int update_apply(struct update_context *u, struct zone_draft *draft, const uint8_t *zone,
		 const uint8_t *msg, size_t nbytes, const struct update_policy *policy,
		 const uint8_t *key, struct update_result *result);

/* The rule of the zone's service view from now on, NULL if it has none. It asks of an update that
 * it is of no lower incarnation than is registered (view/instance.h), that reports come by
 * themselves and subtypes are not too many, and says what TTL PTRs at types have. There must be a
 * ledger. */
void update_context_set_view(struct update_context *u, const struct view_rule *rule);

/* The records of the update section that was applied last, good until the next. */
struct dns_update_record;
const struct dns_update_record *update_context_records(const struct update_context *u,
						       size_t *count);

/* Writes the audit line of the update that was applied last, with NUL, cut at `size`
 * (REGISTRY_AUDIT_MAX is plenty): client=... key=... rule=... added=... removed=... result=...,
 * then why= if it failed or changed= with what changed. `client` is the text of the peer's address.
 * Returns `out`. */
const char *registry_audit_line(const struct update_context *u, char *out, size_t size,
				const char *client, const struct update_result *result);
