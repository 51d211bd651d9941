/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/records.h - the records of one subscription, and which of them its user knows.
 *
 * A set has two layers: what the server has, which changes with each notification, and what was
 * reported, which client_records_flush brings up to date. So a record that is removed and added
 * within a message, or that comes again after a new connection, is not a change; and nothing is
 * lost that happened while there was no connection.
 *
 * The set does not know the owner of its records, and nothing of sessions. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_record;

/* The caller reads `npresent` and `nbytes` at most. */
struct client_records {
	struct client_record **buckets; /* by dns_rdata_hash */
	size_t nbuckets, n;
	size_t npresent;	       /* records that the server has */
	size_t nbytes;		       /* of memory that all records take */
	struct client_record *changed; /* those to be looked at by flush, oldest first */
	struct client_record **changed_end;
};

/* What happens to a record. */
enum client_change {
	CLIENT_ADDED,
	CLIENT_REMOVED,
	CLIENT_CHANGED, /* its TTL */
};

/* Takes one change or one record; `ttl` is in seconds. `rdata` is valid during the call. The
 * function may not change the set. */
typedef void (*client_records_fn)(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
				  const uint8_t *rdata, uint16_t nbytes);

/* Makes an empty set; it allocates nothing yet. */
void client_records_init(struct client_records *r);

/* Frees all records. */
void client_records_fini(struct client_records *r);

/* What the TTL of a record means. */
enum client_ttl {
	CLIENT_TTL_IS_SET, /* the zone's: another one than before is a change */
	CLIENT_TTL_IS_AGE, /* what is left of it in a cache: only that of a new record counts */
};

/* Adds a record, or gives it the TTL. `rdata` is valid and uncompressed; it is copied. Returns 0 or
 * -ENOMEM with the set unchanged. */
int client_records_add(struct client_records *r, uint16_t type, uint32_t ttl, enum client_ttl kind,
		       const uint8_t *rdata, uint16_t nbytes);

/* Removes one record; fine if it is not there. */
void client_records_remove(struct client_records *r, uint16_t type, const uint8_t *rdata,
			   uint16_t nbytes);

/* Removes all records of the type, of every type for DNS_TYPE_ANY. */
void client_records_remove_type(struct client_records *r, uint16_t type);

/* Puts all records of the type (DNS_TYPE_ANY: every type) in doubt, because they will be sent
 * again: those that are not are removed by client_records_confirm, and not before. */
void client_records_doubt(struct client_records *r, uint16_t type);

/* Removes all records of the type that are still in doubt: everything was sent again. */
void client_records_confirm(struct client_records *r, uint16_t type);

/* Reports to `report` what has changed since the last flush, removals first. */
void client_records_flush(struct client_records *r, client_records_fn report, void *arg);

/* Reports all records that were reported before as added, in no order: for another user. */
void client_records_each(const struct client_records *r, client_records_fn report, void *arg);
