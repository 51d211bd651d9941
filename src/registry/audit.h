/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/audit.h - the lines of the log that tell what a batch did: who changed what, and which
 * leases ended.
 *
 * They are written when the batch is durable, all at once; of a batch that was undone it is told
 * that it was. Only the registrar thread. Room-private. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct registry_request;
struct update_context;

/* All zero is an empty one; `nbytes` 0 begins anew. */
struct registry_audit {
	char *lines;
	size_t nbytes, room;
};

void registry_audit_fini(struct registry_audit *a);

/* Notes the line of an update that has been applied, by that updater. If there is no memory for it,
 * that is said at once. */
void registry_audit_update(struct registry_audit *a, const struct update_context *updater,
			   const struct registry_request *request);

/* The same of a lease that has ended: its name, the key that held it ("" is nobody), what was
 * granted, how many records went. */
void registry_audit_end(struct registry_audit *a, const uint8_t *name, const uint8_t *holder,
			uint32_t granted_s, int nremoved);

/* Says that an update was not done after all, at once. */
void registry_audit_dropped(const struct registry_request *request);

/* Writes the lines to the log. */
void registry_audit_write(const struct registry_audit *a);
