/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/question.h - questions in flight: each is asked once, whatever number of look-ups wait for
 * it.
 *
 * What is answered is added to the cache. Addresses of a host that no registry answers for are
 * asked for at the resolvers of resolv.conf(5), as a target may be in anybody's zone; that these
 * know nothing of it counts only if the registries have refused the question. A question does not
 * know what its answer is for. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "find/answer.h"
#include "find/cache.h"
#include "locate/locate.h"

struct find_question;

enum {
	FIND_SILENCE_MS = 5000, /* how long it is remembered that registries do not answer */
};

struct find_questions {
	struct resolve_events *events;
	struct locate *locate;
	struct find_cache cache;
	struct find_question *first;
	unsigned nidle;		  /* questions without a waiter, to refresh the cache */
	uint64_t silent_until_ms; /* registries did not answer lately */
};

/* One that waits for an answer; `on_answer` and `arg` are set. */
struct find_waiter {
	/* Takes the answer, valid during the call, or NULL with an error: -ENOENT if no registry is
	 * known, else what find_lookup_fn gets. `why` is for people. The function may not end the
	 * questions, but make and end waiting. */
	void (*on_answer)(void *arg, const struct find_answer *answer, int error, const char *why,
			  uint64_t now_ms);
	void *arg;
	/* private */
	struct find_question *question; /* NULL: does not wait */
	struct find_waiter *next, **link;
};

/* Waits for the records of `type` at `name`, for which it asks unless that is in flight already:
 * then the question may end earlier than at `deadline_ms`. One that is a refresh goes on when
 * nobody waits any more. Returns 0 or -ENOMEM. */
int find_question_wait(struct find_questions *all, struct find_waiter *w, const uint8_t *name,
		       uint16_t type, uint64_t deadline_ms, bool is_refresh, uint64_t now_ms);

/* Ends waiting, if it waits. */
void find_question_wait_end(struct find_waiter *w);

/* Ends all questions; there may be no waiters. Frees the cache. */
void find_questions_fini(struct find_questions *all);
