/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"

enum { BUCKETS_LEAST = 8, SALT = 0x7265 };

struct client_record {
	struct client_record *next;	    /* in its bucket */
	struct client_record *next_changed; /* in the list of those that flush looks at */
	uint32_t ttl, reported_ttl;
	uint16_t type, nbytes;
	bool is_present;  /* the server has it */
	bool is_doubted;  /* the server had it; whether it still has is not known */
	bool is_reported; /* the user knows it */
	bool is_changed;  /* in the list */
	uint8_t rdata[];
};

void client_records_init(struct client_records *r)
{
	*r = (struct client_records){.changed_end = &r->changed};
}

void client_records_fini(struct client_records *r)
{
	for (size_t i = 0; i < r->nbuckets; i++) {
		struct client_record *next;

		for (struct client_record *at = r->buckets[i]; at != NULL; at = next) {
			next = at->next;
			free(at);
		}
	}
	free(r->buckets);
	client_records_init(r);
}

/* ---- the table ---- */

static size_t bucket_of(const struct client_records *r, uint16_t type, const uint8_t *rdata,
			uint16_t nbytes)
{
	return dns_rdata_hash(type, rdata, nbytes, SALT) & (r->nbuckets - 1);
}

/* Returns the link to the record in its bucket, which is NULL if there is no such record. */
static struct client_record **record_find(struct client_records *r, uint16_t type,
					  const uint8_t *rdata, uint16_t nbytes)
{
	struct client_record **at = &r->buckets[bucket_of(r, type, rdata, nbytes)];

	while (*at != NULL &&
	       ((*at)->type != type ||
		dns_rdata_compare(type, (*at)->rdata, (*at)->nbytes, rdata, nbytes) != 0))
		at = &(*at)->next;
	return at;
}

static int table_grow(struct client_records *r)
{
	struct client_record **old = r->buckets;
	size_t nold = r->nbuckets, n = nold == 0 ? BUCKETS_LEAST : nold * 2;

	if (r->n < nold)
		return 0;
	r->buckets = calloc(n, sizeof(struct client_record *));
	if (r->buckets == NULL) {
		r->buckets = old;
		return nold == 0 ? -ENOMEM : 0; /* a full table is only slower */
	}
	r->nbuckets = n;
	for (size_t i = 0; i < nold; i++) {
		struct client_record *next;

		for (struct client_record *at = old[i]; at != NULL; at = next) {
			size_t to = bucket_of(r, at->type, at->rdata, at->nbytes);

			next = at->next;
			at->next = r->buckets[to];
			r->buckets[to] = at;
		}
	}
	free(old);
	return 0;
}

/* ---- what the server has ---- */

static void record_touch(struct client_records *r, struct client_record *record)
{
	if (record->is_changed)
		return;
	record->is_changed = true;
	record->next_changed = NULL;
	*r->changed_end = record;
	r->changed_end = &record->next_changed;
}

static void record_set_present(struct client_records *r, struct client_record *record,
			       bool is_present)
{
	if (record->is_present != is_present)
		r->npresent += is_present ? 1 : (size_t)-1;
	record->is_present = is_present;
	record->is_doubted = false;
	record_touch(r, record);
}

static struct client_record *record_new(uint16_t type, uint32_t ttl, const uint8_t *rdata,
					uint16_t nbytes)
{
	struct client_record *record = malloc(sizeof(*record) + nbytes);

	if (record == NULL)
		return NULL;
	*record = (struct client_record){.type = type, .nbytes = nbytes, .ttl = ttl};
	if (nbytes > 0)
		memcpy(record->rdata, rdata, nbytes);
	return record;
}

int client_records_add(struct client_records *r, uint16_t type, uint32_t ttl, enum client_ttl kind,
		       const uint8_t *rdata, uint16_t nbytes)
{
	struct client_record **at, *record;

	if (table_grow(r) < 0)
		return -ENOMEM;
	at = record_find(r, type, rdata, nbytes);
	record = *at;
	if (record == NULL) {
		record = record_new(type, ttl, rdata, nbytes);
		if (record == NULL)
			return -ENOMEM;
		*at = record;
		r->n++;
		r->nbytes += sizeof(*record) + nbytes;
	} else if (kind == CLIENT_TTL_IS_SET || !record->is_reported) {
		record->ttl = ttl;
	}
	record_set_present(r, record, true);
	return 0;
}

void client_records_remove(struct client_records *r, uint16_t type, const uint8_t *rdata,
			   uint16_t nbytes)
{
	struct client_record *record;

	if (r->nbuckets == 0)
		return;
	record = *record_find(r, type, rdata, nbytes);
	if (record != NULL)
		record_set_present(r, record, false);
}

/* Calls `change` for each record of the type. */
static void type_each(struct client_records *r, uint16_t type,
		      void (*change)(struct client_records *r, struct client_record *record))
{
	for (size_t i = 0; i < r->nbuckets; i++)
		for (struct client_record *at = r->buckets[i]; at != NULL; at = at->next)
			if (type == DNS_TYPE_ANY || type == at->type)
				change(r, at);
}

static void record_unset(struct client_records *r, struct client_record *record)
{
	record_set_present(r, record, false);
}

void client_records_remove_type(struct client_records *r, uint16_t type)
{
	type_each(r, type, record_unset);
}

static void record_doubt(struct client_records *r, struct client_record *record)
{
	if (!record->is_present)
		return;
	record_set_present(r, record, false);
	record->is_doubted = true;
}

void client_records_doubt(struct client_records *r, uint16_t type)
{
	type_each(r, type, record_doubt);
}

static void record_confirm(struct client_records *r, struct client_record *record)
{
	if (record->is_doubted)
		record_set_present(r, record, false);
}

void client_records_confirm(struct client_records *r, uint16_t type)
{
	type_each(r, type, record_confirm);
}

/* ---- what the user knows ---- */

static void record_report(struct client_record *record, client_records_fn report, void *arg)
{
	enum client_change change = CLIENT_CHANGED;

	if (!record->is_reported)
		change = CLIENT_ADDED;
	else if (record->ttl == record->reported_ttl)
		return;
	record->is_reported = true;
	record->reported_ttl = record->ttl;
	report(arg, change, record->type, record->ttl, record->rdata, record->nbytes);
}

static void record_free(struct client_records *r, struct client_record *record)
{
	struct client_record **at =
		&r->buckets[bucket_of(r, record->type, record->rdata, record->nbytes)];

	while (*at != record)
		at = &(*at)->next;
	*at = record->next;
	r->n--;
	r->nbytes -= sizeof(*record) + record->nbytes;
	free(record);
}

void client_records_flush(struct client_records *r, client_records_fn report, void *arg)
{
	struct client_record *first = r->changed, *present = NULL, **present_end = &present, *next;

	r->changed = NULL;
	r->changed_end = &r->changed;
	for (struct client_record *at = first; at != NULL; at = next) {
		next = at->next_changed;
		at->is_changed = false;
		if (at->is_present) {
			at->next_changed = NULL;
			*present_end = at;
			present_end = &at->next_changed;
		} else if (!at->is_doubted) {
			if (at->is_reported)
				report(arg, CLIENT_REMOVED, at->type, at->reported_ttl, at->rdata,
				       at->nbytes);
			record_free(r, at);
		} else if (!at->is_reported) {
			record_free(r, at); /* the user never knew it: nothing is in doubt */
		}
	}
	for (struct client_record *at = present; at != NULL; at = at->next_changed)
		record_report(at, report, arg);
}

void client_records_each(const struct client_records *r, client_records_fn report, void *arg)
{
	for (size_t i = 0; i < r->nbuckets; i++)
		for (const struct client_record *at = r->buckets[i]; at != NULL; at = at->next)
			if (at->is_reported)
				report(arg, CLIENT_ADDED, at->type, at->reported_ttl, at->rdata,
				       at->nbytes);
}
