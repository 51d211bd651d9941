/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/finish.h - what follows from an update that has been applied: its leases, what it reports,
 * the service view, the owners of its names. */
#pragma once

struct update;

/* Updates leases, reports, service view and owners after the records were applied, and writes the
 * granted terms to the request's lease. Returns 0, or a negative errno, after which the batch is to
 * be undone. */
int update_finish(struct update *u);
