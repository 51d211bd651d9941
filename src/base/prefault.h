/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/prefault.h - a thread that touches pieces of memory before they are needed.
 *
 * The first touch of a fresh page costs the system's clearing of it, and a virtual machine the page
 * itself: as much as filling it. A program that fills hundreds of megabytes lets another processor
 * do that. The thread does not know what the memory is for. One thread at a time may call these
 * functions. */
#pragma once

#include <stddef.h>

struct base_prefault;

/* Starts a thread that keeps a few pieces of `nbytes`, allocated by base_pages_alloc, ready.
 * Returns NULL if the thread cannot be started; the caller then goes on without. */
struct base_prefault *base_prefault_start(size_t nbytes);

/* Takes a piece that is ready; the caller frees it with base_pages_free. Returns NULL if none is
 * ready, or `p` is NULL; never waits. */
void *base_prefault_take(struct base_prefault *p);

/* Ends the thread and frees `p` with all pieces that were not taken. `p` may be NULL. */
void base_prefault_stop(struct base_prefault *p);
