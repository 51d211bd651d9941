/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/fail.h - the result of an update that is refused: RCODE, extended error, and a text that
 * names the record at fault. Each function returns the RCODE, so that a check can end with it. */
#pragma once

#include <stdint.h>

#include "update/bound.h"

struct dns_update_record;
struct update;

/* Takes `n` looks from the update's budget while nothing has been changed yet. Returns
 * DNS_RCODE_NOERROR, or, after update_refuse, REFUSED. */
int update_look(struct update *u, uint64_t n);

/* Takes `n` looks once records may have been changed. Returns 0 or -ECANCELED. */
int update_look_late(struct update *u, uint64_t n);

/* Fails the update with `text`, which is cut at UPDATE_TEXT_MAX. */
int update_fail(struct update *u, uint16_t rcode, const char *text);

/* Fails the update because of a record: names its section, its number there from 1, its owner, and
 * its type unless that is ANY; then `what`. */
int update_fail_record(struct update *u, uint16_t rcode, const struct dns_update_record *record,
		       const char *what);

/* Refuses the update because of a bound, while nothing has been changed yet: one of the checks. */
int update_refuse(struct update *u, enum update_bound bound, const char *text);

/* Like update_refuse, and names the record as update_fail_record does. */
int update_refuse_record(struct update *u, enum update_bound bound,
			 const struct dns_update_record *record, const char *what);

/* Refuses the update because of a bound once records may have been changed. Returns -ECANCELED
 * (update/update.h). */
int update_refuse_late(struct update *u, enum update_bound bound, const char *text);

/* Like update_refuse_late, and names the record as update_fail_record does. */
int update_refuse_record_late(struct update *u, enum update_bound bound,
			      const struct dns_update_record *record, const char *what);
