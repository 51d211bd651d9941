/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/delegation.h - the servers of a zone, as its NS records name them, for a name whose
 * registries are not known. One thread. */
#pragma once

#include "doctor/visit.h"

/* Adds the registries that the NS records of the subject's zone name, as the visit's resolvers find
 * them, each with a note, until `deadline_ms` on the steady clock. Without one `why` is the reason.
 * Servers of a zone above the second level are not taken: they are not registries, but those that
 * a private domain is not routed to. */
void doctor_delegation_find(struct doctor_visit *v, uint64_t deadline_ms,
			    char why[static DOCTOR_TEXT_MAX]);
