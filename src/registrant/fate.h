/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/fate.h - what becomes of a unit: after the answer to a message that it was in, after
 * it was looked at in the registry, when its lease ends, and when its owner has enough of it. It
 * decides, and leaves the doing to the queue. One thread. */
#pragma once

#include "registrant/state.h"

/* The message that the unit was in, with `n` units, has ended. */
void registrant_fate_sent(struct registrant_service *s, const struct registrant_result *result,
			  size_t n, uint64_t now_ms);

/* Its zone could not be found. */
void registrant_fate_no_zone(struct registrant_service *s, int error, const char *why,
			     uint64_t now_ms);

/* The records at the name of an instance were read. */
void registrant_fate_looked(struct registrant_service *s, const struct registrant_present *read,
			    uint64_t now_ms);

/* The records could not be read. */
void registrant_fate_not_looked(struct registrant_service *s, int error, const char *why,
				uint64_t now_ms);

/* Its lease has ended; `arg` is the unit. */
void registrant_fate_lease_end(void *arg, uint64_t now_ms);

/* Its owner has ended or freed it, and it is in no message. */
void registrant_fate_end(struct registrant_service *s);

/* Gives it the number of a new incarnation, above `present`. */
void registrant_fate_incarnate(struct registrant_service *s, uint64_t present);
