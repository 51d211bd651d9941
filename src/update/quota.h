/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/quota.h - an update must leave its key within its quota: `quota:` of a zone in
 * weftd.conf(5). What is counted, ledger/usage.h has.
 *
 * What an update will add is known before anything is changed, as far as its records tell; it is
 * then refused early. What only applying it shows is compared afterwards. An update that adds to no
 * amount is never refused, whatever the key has. */
#pragma once

struct update;

/* Checks what the update is known to add. Returns 0, the RCODE of a refusal, or -ENOMEM. */
int update_quota_check(struct update *u);

/* Compares what the key has now, once the update is applied and finished. Returns 0 or -ECANCELED.
 */
int update_quota_finish(struct update *u);
