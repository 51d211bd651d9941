/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/type_srv.h - the SRV records at a type (RFC 2782): those of its live instances, or as
 * many of them as the rule allows.
 *
 * Where there are more, or the type has many instances, place/place.h decides which. Each function
 * works on the draft of the pass. Only the registrar thread may call them. */
#pragma once

#include "view/pass.h"

/* Replaces what an instance implies at its type by what its SRVs imply now, or, unless `is_live`,
 * by nothing; and its references to nodes with it. Returns 0, -ENOMEM, or -ECANCELED if the
 * request has too few looks left. */
int view_type_srv_update(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
			 bool is_live);

/* Returns whether the view has derived records from an instance: it is live. Writes the hash of its
 * owner, as it was then, to `owner`; 0: it had none. */
bool view_type_srv_owner(const struct view *v, const uint8_t *zone, const uint8_t *instance,
			 uint32_t *owner);

/* Returns whether the instance has an SRV whose target has an address and is not `.`, which would
 * mean that the service is not available (RFC 2782). */
bool view_type_srv_has_target(const struct view_pass *p, const uint8_t *instance);

/* Refers a live instance to the nodes that its SRVs target (view/reverse.h). Returns 0 or a
 * negative errno. */
int view_type_srv_ref_nodes(struct view_pass *p, const uint8_t *instance);

/* Adds the records that a set has lost again, and removes those without a place that others have
 * added. Gives the places anew if the type was barred (view/pass.h). Returns 0 or a negative
 * errno. */
int view_type_srv_reconcile(struct view_pass *p, const uint8_t *type);

/* Removes the worst records of a set that is larger than the rule allows. Returns 0 or -ENOMEM. */
int view_type_srv_trim(struct view_pass *p, const uint8_t *type);

/* Removes derived records that no instance implies, at the end of a reconciliation: a crash may
 * have left them. Returns 0 or -ENOMEM. */
int view_type_srv_prune(struct view_pass *p, const uint8_t *type);

/* Returns whether a live instance implies that SRV at the type. */
bool view_type_srv_is_implied(const struct view *v, const uint8_t *type, const uint8_t *rdata,
			      size_t nbytes);

/* Forgets what the instances of a zone imply. Returns 0 or -ENOMEM. */
int view_type_srv_forget(struct view *v, const uint8_t *zone);
