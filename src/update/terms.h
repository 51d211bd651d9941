/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/terms.h - which lease the records of an update get.
 *
 * All of them get the same one, by the rule of the zone. The leadership and nodes may have shorter
 * ones. What is declared, assigned, or has happened gets none unless it is asked for, whatever the
 * zone has for clients that cannot ask: it shall remain. Registrar thread. */
#pragma once

struct update;

/* Decides `terms` and `least_lease_s` of an update that was parsed. */
void update_terms_decide(struct update *u);
