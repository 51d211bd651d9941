/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

/* The linker calls __wrap_X instead of X, and X instead of __real_X (--wrap). */
void *__real_malloc(size_t nbytes);
void *__real_calloc(size_t count, size_t nbytes);
void *__real_realloc(void *old, size_t nbytes);
char *__real_strdup(const char *text);
void __real_free(void *piece);
void *__wrap_malloc(size_t nbytes);
void *__wrap_calloc(size_t count, size_t nbytes);
void *__wrap_realloc(void *old, size_t nbytes);
char *__wrap_strdup(const char *text);
void __wrap_free(void *piece);

static atomic_int nleft = MEMORY_ENOUGH; /* allocations that succeed before one fails */
static atomic_bool has_failed;

static const void *_Atomic watched;
static atomic_size_t nwatched_bytes;
static atomic_uint nwatched;

void memory_fail_after(int n)
{
	if (n >= 0)
		has_failed = false;
	nleft = n;
}

bool memory_has_failed(void)
{
	return has_failed;
}

void memory_watch(const void *bytes, size_t nbytes)
{
	nwatched_bytes = nbytes;
	watched = bytes;
	nwatched = 0;
}

unsigned memory_nwatched(void)
{
	return nwatched;
}

int memory_pause(void)
{
	return atomic_exchange(&nleft, MEMORY_ENOUGH);
}

static bool fails(void)
{
	int n = atomic_load(&nleft);

	while (n >= 0)
		if (atomic_compare_exchange_weak(&nleft, &n, n - 1)) {
			if (n == 0)
				has_failed = true;
			return n == 0;
		}
	return false;
}

void *__wrap_malloc(size_t nbytes)
{
	return fails() ? NULL : __real_malloc(nbytes);
}

void *__wrap_calloc(size_t count, size_t nbytes)
{
	return fails() ? NULL : __real_calloc(count, nbytes);
}

void *__wrap_realloc(void *old, size_t nbytes)
{
	return fails() ? NULL : __real_realloc(old, nbytes);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static void look(void *piece)
{
	const void *bytes = watched;

	if (bytes != NULL && piece != NULL &&
	    memmem(piece, malloc_usable_size(piece), bytes, nwatched_bytes) != NULL)
		nwatched++;
}

void __wrap_free(void *piece)
{
	look(piece);
	__real_free(piece);
}
