/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/fate.h - what becomes of a unit: after the answer to a message that it was in, and
 * after it was looked at in the registry. It decides, and leaves the doing to standing.h and to the
 * queue. One thread. */
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
