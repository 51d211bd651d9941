/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/prefault.h - pieces of memory that are touched before they are needed, by a thread of its
 * own.
 *
 * The first touch of a fresh page costs what the system takes to clear it, and for a virtual
 * machine to get it at all: as much as filling it. Somebody who fills hundreds of megabytes lets
 * another processor do that. It knows not what the memory is for. One thread starts, takes and
 * stops. */
#pragma once

#include <stddef.h>

struct base_prefault;

/* Starts to have pieces of `nbytes` ready, as base_pages_alloc gives them. NULL when that cannot
 * be, which does no harm. */
struct base_prefault *base_prefault_start(size_t nbytes);

/* A piece that is ready, for base_pages_free; NULL if there is none now. NULL is fine. */
void *base_prefault_take(struct base_prefault *p);

/* Ends it, and frees the pieces that nobody took. NULL is fine. */
void base_prefault_stop(struct base_prefault *p);
