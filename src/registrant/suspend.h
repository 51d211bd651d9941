/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/suspend.h - what has to be done after the host has slept: the steady clock, by which
 * leases are counted here, stood still meanwhile. One thread. */
#pragma once

#include "registrant/state.h"

/* Begins to be woken when the host wakes. Without such a descriptor, what has slept is noticed when
 * something is due. */
void registrant_suspend_begin(struct registrant *r);
void registrant_suspend_end(struct registrant *r);

/* If the host has slept since the last call: takes that from all leases, refreshes those that have
 * not ended, registers the others anew, and asks for the addresses. */
void registrant_suspend_check(struct registrant *r, uint64_t now_ms);
