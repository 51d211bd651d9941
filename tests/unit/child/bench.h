/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A loop and a folder of their own, for tests that run real processes; bench_host of
 * tests/unit/supervise adds a host. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <ev.h>

struct supervise_host;

struct bench {
	struct ev_loop *loop;
	struct supervise_host *host;	  /* NULL until bench_host() */
	void (*end)(struct bench *bench); /* closes it; NULL: there is none */
	char folder[64];
	char group[64];
	int ndescriptors; /* that were open before */
};

/* For cmocka: make a bench as the state; end it, and fail if a child, a process of the bench or a
 * descriptor is left. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* Turns the loop until `*is_true`; fails after half a minute. */
void bench_wait(struct bench *bench, const bool *is_true);

/* Turns the loop until `fn` returns true. */
void bench_wait_for(struct bench *bench, bool (*fn)(void *arg), void *arg);

/* Returns how many processes live whose environment has a mark of the bench's folder. */
unsigned bench_count(const struct bench *bench);

/* Writes a path in the folder, which the caller does not free. */
const char *bench_path(const struct bench *bench, const char *name);

/* Reads a file of the folder; "" if there is none. A static text. */
const char *bench_read(const struct bench *bench, const char *name);
