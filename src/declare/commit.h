/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/commit.h - reading a zone, planning, and sending what is planned, until the zone is as
 * wanted.
 *
 * Most plans are one update, which is carried out as a whole or not at all. A larger one is several
 * messages, assignments last; if one is refused, those before it are taken back. If what was read
 * is not so any more, the zone is read and planned anew. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "declare/message.h"
#include "declare/plan.h"
#include "declare/zone.h"

/* Makes a plan of the atlas in it. */
typedef void (*declare_plan_fn)(void *arg, struct declare_plan *p);

/* A reading of the zone, the plan made of it, and what of it was carried out. */
struct declare_round {
	struct atlas *atlas;
	struct declare_plan plan;
	struct declare_message *sent; /* without octets */
	size_t nsent;
	struct declare_round *before;
};

/* Is asked before services or schemas are deleted. Returns an exit status; unless that is CLI_OK,
 * nothing is done. */
typedef int (*declare_confirm_fn)(void *arg, const struct declare_plan *p);

struct declare_commit {
	struct declare_zone *zone;
	declare_plan_fn plan;
	declare_confirm_fn confirm;
	void *arg; /* of both */
	bool is_dry_run;

	/* The last round, and those before it in which something was done; NULL: none was
	 * planned. */
	struct declare_round *rounds;
	size_t nupdates; /* messages that were carried out */
};

/* Carries out what `plan` makes, or if `is_dry_run`, only plans it. Returns an exit status, after a
 * message unless it is CLI_OK. Either way the caller calls declare_commit_fini(). */
int declare_commit_run(struct declare_commit *c);

/* Frees the rounds. */
void declare_commit_fini(struct declare_commit *c);
