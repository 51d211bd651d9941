/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/audit.h - the lines of the log that record what a batch did: which key changed what, and
 * which leases ended.
 *
 * The lines of a batch are collected, and logged at once when the batch is durable; of a batch that
 * failed, the failure of each update is logged instead. How many lines a key can cause is limited
 * (base_log_may). Only the registrar thread may touch it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dns_update_record;
struct registry_request;

/* The lines of the batch in hand. All zero is valid and empty; `nbytes` 0 begins again. */
struct registry_audit {
	char *lines;
	size_t nbytes, capacity;
};

/* Frees what `a` holds. */
void registry_audit_fini(struct registry_audit *a);

enum { REGISTRY_AUDIT_LINE_MAX = 1024 };

/* Writes the line of an update to `out`, with NUL, cut at `size` octets between two changes
 * (REGISTRY_AUDIT_LINE_MAX is plenty): client=... zone=... key=... epoch=... rule=... added=...
 * removed=... result=..., epoch= is there if it is not the newest, why= if there is something to
 * explain, and changed= with what it changed, or names= with the names of an update that changed
 * nothing. Returns `out`. */
const char *registry_audit_line(char *out, size_t size, const struct registry_request *request,
				const struct dns_update_record *records, size_t nrecords);

/* Adds the line of an update that has been applied or refused; `records` is its update section. A
 * refresh that changed nothing gets no line at level info. If memory is short, that is logged at
 * once. */
void registry_audit_update(struct registry_audit *a, const struct registry_request *request,
			   const struct dns_update_record *records, size_t nrecords);

/* Adds the line of a lease that has ended: its name, the key that held it ("" is nobody), the
 * seconds that were granted, how many records were removed. */
void registry_audit_end(struct registry_audit *a, const uint8_t *name, const uint8_t *holder,
			uint32_t granted_s, int nremoved);

/* Logs at once that an update was not done because its batch failed. */
void registry_audit_failed(const struct registry_request *request);

/* Logs the lines. */
void registry_audit_write(const struct registry_audit *a);
