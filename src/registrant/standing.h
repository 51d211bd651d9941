/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/standing.h - whether a unit is registered, lost, failed, held by another or ended, and
 * what follows for it and for its owner. It does not know why. One thread. */
#pragma once

#include "registrant/state.h"

/* The unit is registered, or was refreshed: the next refresh is planned. */
void registrant_standing_registered(struct registrant_service *s,
				    const struct registrant_result *result, uint64_t now_ms);

/* The unit is not registered any more: unless its owner gives it, a new incarnation follows. */
void registrant_standing_lost(struct registrant_service *s, const char *why);

/* The lease of the unit, `arg`, has ended. */
void registrant_standing_lease_end(void *arg, uint64_t now_ms);

/* The message or the question has failed: the unit is tried again later. */
void registrant_standing_failed(struct registrant_service *s, int error, const char *why,
				uint64_t now_ms);

/* Another has the name of a claim or of an instance with a given incarnation: it is looked at until
 * the name is free, or the owner changes something. */
void registrant_standing_held(struct registrant_service *s, int error, const char *why,
			      uint64_t now_ms);

/* The name of an instance has a later incarnation: it is registered again when the name is free. */
void registrant_standing_moved(struct registrant_service *s, uint64_t incarnation, uint64_t now_ms);

/* The owner has ended or freed the unit, which is in no message: it is removed, if it has to be. */
void registrant_standing_end(struct registrant_service *s);

/* The unit is removed, or there is nothing to remove. */
void registrant_standing_ended(struct registrant_service *s);

/* Gives the unit the number of a new incarnation, above `present`; or the one that its owner gives.
 */
void registrant_standing_incarnate(struct registrant_service *s, uint64_t present);
