/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A node for outfits, in a bench, and one instance on it. */
#pragma once

#include <stdbool.h>

#include "../spec/kit.h"
#include "../supervise/bench_host.h"
#include "base/error.h"
#include "outfit/outfit.h"

struct home {
	struct bench *bench;
	struct kit kit;
	struct outfit_node node;
	struct outfit_facts facts;
	struct outfit *outfit;
	char folder[128], logs[128];

	/* what happened */
	unsigned nopens, nstarts, nactions;
	struct base_error refusal; /* of the last on_open; code 0: none */
	char history[512];	   /* states, with blanks between */
	char action[512];	   /* the last reason; "" if it was good */
	enum supervise_unit_state wanted;
	bool is_counting; /* on_starting adds 1 to inc */
};

/* Makes a home, as the next agent of the bench if there was one before. */
void home_make(struct home *home, struct bench *bench, bool has_groups);

/* Ends it: what runs goes on unless it is stopped. */
void home_end(struct home *home);

/* Reads a declaration with ' for ". Fails if it has errors. */
struct spec_service *home_service(struct home *home, const char *json);

/* Opens the outfit and waits for on_open. */
void home_try(struct home *home, const char *json);

/* Opens the outfit, and fails if it is refused. */
void home_open(struct home *home, const char *json);

/* Applies another declaration and waits for on_open. */
void home_apply(struct home *home, const char *json);

/* Turns the loop until the unit has the state. */
void home_reach(struct home *home, enum supervise_unit_state wanted);

/* Starts and waits until it is up. */
void home_start(struct home *home);

/* Stops it, waits, and ends the home. */
void home_stop(struct home *home);

struct supervise_unit_view home_view(const struct home *home);

/* Returns the text of a file in the instance's folder; "" if there is none. */
const char *home_read(const struct home *home, const char *name);

/* Waits until such a file has something. */
void home_wait_file(struct home *home, const char *name);
