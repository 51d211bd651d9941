/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/rrset.h - what is known of one name and type: its records, its alias, or that there are
 * none.
 *
 * It does not know its own name, or whether it is cached. It never changes after it was made, and
 * is shared by count. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum find_rrset_kind {
	FIND_RRSET_DATA,
	FIND_RRSET_ALIAS,    /* one record: the name that a CNAME points at */
	FIND_RRSET_NODATA,   /* the name has no records of the type */
	FIND_RRSET_NXDOMAIN, /* the name has no records at all */
};

struct find_rrset {
	unsigned nreferences;
	enum find_rrset_kind kind;
	bool is_additional;  /* not what was asked for, which is trusted more (RFC 2181 5.4.1) */
	uint64_t expires_ms; /* on the clock of resolve_events_run; may be set to an earlier time */
	unsigned nrecords;
	size_t nbytes; /* of `bytes` */
	size_t size;
	uint8_t bytes[]; /* records: two octets of length, and rdata */
};

struct find_rdata {
	const uint8_t *bytes; /* uncompressed; valid as long as the RRset */
	uint16_t nbytes;
};

/* Makes an RRset without records that has room for some of `nbytes` in all. Returns NULL if memory
 * is short. */
struct find_rrset *find_rrset_new(enum find_rrset_kind kind, uint64_t expires_ms, unsigned nrecords,
				  size_t nbytes);

/* Adds a record to a new RRset that has room for it. */
void find_rrset_add(struct find_rrset *r, const uint8_t *rdata, uint16_t nbytes);

struct find_rrset *find_rrset_acquire(struct find_rrset *r);
void find_rrset_release(struct find_rrset *r); /* NULL is fine */

/* Reads the record at `at`, 0 at the beginning, and moves it on. Returns false at the end. */
bool find_rrset_next(const struct find_rrset *r, size_t *at, struct find_rdata *out);
