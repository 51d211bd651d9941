/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* memory.h - an allocator that runs out of memory when a test wants it to.
 *
 * Replaces malloc, calloc, realloc, strdup and free in the whole program: list memory.c among the
 * program's sources and link it with $(unit_memory_LDFLAGS). To test every place where memory can
 * be short, let the n-th allocation fail for n = 0, 1, 2, ... until memory_has_failed() is false.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_ENOUGH = -1 };

/* Lets the next `n` allocations succeed and the one after them fail, once; those that follow
 * succeed again. With MEMORY_ENOUGH none fails. */
void memory_fail_after(int n);

/* Returns whether an allocation has failed since memory_fail_after was last called with a number of
 * allocations. MEMORY_ENOUGH does not change the answer. */
bool memory_has_failed(void);

/* Counts, from now on, the pieces that are freed while these `nbytes` are in them: a secret that
 * was not wiped. Only what the program itself frees is seen, not what shared libraries free.
 * `bytes` stay valid; NULL ends it. */
void memory_watch(const void *bytes, size_t nbytes);

/* Returns how many pieces memory_watch has counted since it was called. */
unsigned memory_nwatched(void);

/* Lets no allocation fail for now. Returns the number of allocations that were still to succeed, or
 * MEMORY_ENOUGH; memory_fail_after goes on with it. */
int memory_pause(void);
