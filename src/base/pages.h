/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/pages.h - large pieces of memory straight from the system, in huge pages where it has them.
 *
 * With huge pages a look-up in gigabytes misses the TLB rarely, and filling them takes few page
 * faults. Pieces go back to the system when they are freed. Any thread. */
#pragma once

#include <stddef.h>

enum { BASE_PAGES_HUGE = 2 << 20 };

/* Returns at least `nbytes` of zeroes, or NULL. From BASE_PAGES_HUGE on it is aligned to that. */
void *base_pages_alloc(size_t nbytes);

/* Gives back what was allocated with `nbytes`. NULL is fine. */
void base_pages_free(void *pages, size_t nbytes);
