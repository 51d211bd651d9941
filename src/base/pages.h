/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/pages.h - large pieces of memory straight from the system, in huge pages where it has them.
 *
 * With huge pages a look-up in gigabytes rarely misses the TLB, and filling them takes few page
 * faults. A freed piece goes back to the system at once. No state; any thread. */
#pragma once

#include <stddef.h>

enum { BASE_PAGES_HUGE = 2 << 20 }; /* bytes of a huge page */

/* Returns at least `nbytes` of zeroes, aligned to a page, and to BASE_PAGES_HUGE if `nbytes` is at
 * least that; NULL when out of memory. The caller frees the piece with base_pages_free. */
void *base_pages_alloc(size_t nbytes);

/* Frees a piece that was allocated with `nbytes`. `pages` may be NULL. */
void base_pages_free(void *pages, size_t nbytes);
