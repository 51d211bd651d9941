/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/services.h - the service view: records that the registry makes of the instances that are registered.
 *
 * For each instance I._svc._proto that is up (has an SRV record, and no other `state=` in its TXT): the PTR at the service type and at each
 * subtype that it was registered under (RFC 6763 sections 4.1, 7.1), a copy of its SRV at the type for clients of RFC 2782, the type in
 * the list of types (section 9), and the zone in the lists of browsing domains (section 11). They change in the draft of the update that is
 * their cause. What a client says itself and what is made of its instance are one record.
 *
 * Nothing is asked but the draft and what is kept here: the subtypes of instances, and which of them imply a record at a type. Changes
 * belong to the batch. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/holds.h"
#include "registry/table.h"
#include "zone/changeset.h"

struct registry_record;
struct zone;
struct zone_draft;
struct zone_snapshot;

/* `service-view:` of a zone. */
struct registry_services_rule {
	uint32_t is_on;                 /* 0 or 1 */
	uint32_t has_srv;               /* 1: make SRV records at the type */
	uint32_t srv_max;               /* at most so many, the best by priority */
	uint32_t weight_scale;          /* weights at the type are the instances' times this */
	uint32_t ttl_s;                 /* of what is made */
};

enum { REGISTRY_SRV_MAX = 64, REGISTRY_SERVICES_TTL_S = 10 };

enum { REGISTRY_ANSWER_SMALL = 1232, REGISTRY_ANSWER_MAX = 65535 };    /* octets: a datagram's answer, any answer */

struct registry_services {
	struct registry_table subtypes;         /* of an instance: their names, one after the other */
	struct registry_table srvs;             /* of an instance: rdata of its SRVs at the type, each with its length */
	struct registry_table waiting;          /* of a type: instances that its PTRs have no room for */
	struct registry_holds holds;            /* which instances imply an SRV at a type */
	/* of the update in hand */
	const struct registry_services_rule *rule;      /* NULL: there is no view */
	uint8_t *touched;                       /* names of instances, one after the other */
	size_t ntouched, touched_room;
	bool is_short;                          /* memory was short for noting one */
	/* what there is to tell of it */
	bool has_grown, is_full;                /* a set of PTRs no longer fits a datagram, or any answer */
	uint8_t told[DNS_NAME_MAX];             /* whose */
};

int registry_services_init(struct registry_services *s, uint64_t seed);
void registry_services_fini(struct registry_services *s);

/* Begins an update of a zone by its rule; NULL, or one that is off: nothing is noted and nothing made. */
void registry_services_begin(struct registry_services *s, const struct registry_services_rule *rule);

/* A record is about to be removed, or was added or asked to be removed, by a client, a lease's end, the zone's file. Takes note of whom that
 * concerns; memory that is short shows at registry_services_derive. */
void registry_services_removed(struct registry_services *s, const uint8_t *zone, const struct zone_record *record);
void registry_services_said(struct registry_services *s, const uint8_t *zone, const struct registry_record *record);
void registry_services_added(struct registry_services *s, const uint8_t *zone, const struct zone_record *record);

/* Makes the records follow. 0 or -ENOMEM. */
int registry_services_derive(struct registry_services *s, struct zone_draft *draft);

/* Goes through a whole version, takes in what is not kept on disk, and makes the records follow; `draft` is begun from that version. At the
 * start, and when the rule has changed. 0 or -ENOMEM. */
int registry_services_follow(struct registry_services *s, const struct registry_services_rule *rule, const struct zone_snapshot *snapshot,
                             struct zone_draft *draft);

/* Told of a record of the service view that is missing, or that nothing implies. */
typedef void (*registry_services_wrong_fn)(void *arg, bool is_missing, const struct zone_record *record);

/* Compares the service view of a version with what its instances imply. `draft` is begun from that version, and can only be aborted after this. 0
 * or -ENOMEM. */
int registry_services_check(const struct registry_services *s, const struct registry_services_rule *rule, const struct zone_snapshot *snapshot,
                            struct zone_draft *draft, registry_services_wrong_fn on_wrong, void *arg);

/* The subtypes of an instance, names one after the other, as they are kept on disk; and reads them back. 0, -ENOMEM or -EBADMSG. */
const uint8_t *registry_services_subtypes(const struct registry_entry *e, size_t *nbytes);
int registry_services_read(struct registry_services *s, const uint8_t *key, size_t nkey, const uint8_t *bytes, size_t nbytes);

/* Forgets all about a zone. 0 or -ENOMEM; belongs to the batch. */
int registry_services_forget(struct registry_services *s, const uint8_t *zone);

/* Ends the batch. */
void registry_services_commit(struct registry_services *s);
void registry_services_undo(struct registry_services *s);
