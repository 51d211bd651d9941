/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* atlas/records.h - the records of a zone, sorted, in memory of their own.
 *
 * Bytes come in from anywhere; what is added must be laid out as its type demands. It does not know
 * what records mean. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/record.h"

enum {
	ATLAS_NBYTES_MAX = 1 << 30,    /* octets of records in a zone; more are refused */
	ATLAS_NRECORDS_MAX = 10000000, /* records, likewise */
};

struct atlas_records {
	struct base_arena arena;
	struct dns_record *items; /* sorted after atlas_records_sort */
	size_t n;

	/* private */
	size_t capacity;
	uint64_t nbytes; /* of owners and rdata */
};

void atlas_records_init(struct atlas_records *r);

/* Frees all records. */
void atlas_records_fini(struct atlas_records *r);

/* Adds a copy. Returns 0; -EFBIG if there are ATLAS_NRECORDS_MAX records or ATLAS_NBYTES_MAX octets
 * already; or -ENOMEM. */
int atlas_records_add(struct atlas_records *r, const struct dns_record *record);

/* Sorts by owner, type and rdata, in canonical order, and removes what is there twice. */
void atlas_records_sort(struct atlas_records *r);

/* Finds, in sorted records, those of a type at a name: the first, with their number in `n`; NULL
 * and 0 if there are none. Type 0: those of all types. */
const struct dns_record *atlas_records_find(const struct atlas_records *r, const uint8_t *name,
					    uint16_t type, size_t *n);
