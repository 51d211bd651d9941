/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/answer.h - the RRsets of an answer that may be believed.
 *
 * These are the question's own; what the CNAMEs and the records in it point at, step by step; and
 * nothing else, whatever else is in the message (RFC 5452 section 6). It does not know the cache.
 * No state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "find/rrset.h"
#include "resolve/message.h"

enum {
	FIND_ANSWER_WHY_MAX = 128,
	FIND_ALIASES_MAX = 8, /* CNAMEs in a row */
	FIND_TTL_MAX_S = 86400,
	FIND_NEGATIVE_TTL_MAX_S = 3600,
};

struct find_answer_set {
	struct find_answer_set *next;
	const uint8_t *name;
	uint16_t type;
	struct find_rrset *rrset;
};

struct find_answer {
	struct find_answer_set *first, **last;
	struct base_arena arena;
};

/* Reads an answer to the question for `type` at `name`. Returns 0 with the RRsets that it has, the
 * first of which is the question's own; else -EBADMSG, -EHOSTUNREACH if the server does not have
 * the name but refers to others, or -ENOMEM. A TTL of 0 is that of an RRset which may be used for
 * the question at hand only. */
int find_answer_read(struct find_answer *out, struct resolve_answer *message, const uint8_t *name,
		     uint16_t type, uint64_t now_ms, char why[static FIND_ANSWER_WHY_MAX]);

void find_answer_fini(struct find_answer *a);
