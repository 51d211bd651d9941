/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

static size_t round_up(size_t nbytes)
{
	size_t unit = nbytes < BASE_PAGES_HUGE ? 4096 : BASE_PAGES_HUGE;

	return (nbytes + unit - 1) / unit * unit;
}

static char *map(size_t nbytes)
{
	char *p = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Maps one huge page more than needed, and unmaps what is before and after the aligned part. */
static char *map_aligned(size_t nbytes)
{
	char *p = map(nbytes + BASE_PAGES_HUGE);
	size_t before, after;

	if (p == NULL)
		return NULL;
	before = -(uintptr_t)p % BASE_PAGES_HUGE;
	after = BASE_PAGES_HUGE - before;
	if (before > 0)
		munmap(p, before);
	if (after > 0)
		munmap(p + before + nbytes, after);
	return p + before;
}

void *base_pages_alloc(size_t nbytes)
{
	char *p;

	if (nbytes > SIZE_MAX / 2)
		return NULL;
	nbytes = round_up(nbytes);
	if (nbytes < BASE_PAGES_HUGE)
		return map(nbytes);
	p = map_aligned(nbytes);
	/* If the system has no huge pages, ordinary ones do, so the result does not matter. */
	if (p != NULL)
		madvise(p, nbytes, MADV_HUGEPAGE);
	return p;
}

void base_pages_free(void *pages, size_t nbytes)
{
	if (pages != NULL)
		munmap(pages, round_up(nbytes));
}
