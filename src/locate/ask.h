/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/ask.h - one question to the registries: an exchange whose answer is read as records.
 *
 * An answer that is for another question, is malformed or is not from the server is ignored; a
 * truncated one is asked for again over TCP; one that refuses, with SERVFAIL, NOTIMP or REFUSED,
 * has the next registry be asked. It has no cache. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "locate/locate.h"
#include "resolve/message.h"

struct locate_ask;

/* Takes the answer, NOERROR or NXDOMAIN, valid during the call; or NULL with what
 * locate_exchange_calls.done gets. `why` is for people. The owner frees the question, then or
 * later. */
typedef void (*locate_ask_fn)(void *arg, struct resolve_answer *answer, int error, const char *why,
			      uint64_t now_ms);

/* Begins to ask for the records of `type` at `name`, which is copied. Returns 0 or -ENOMEM. */
int locate_ask_new(struct locate_ask **out, struct locate *l, const uint8_t *name, uint16_t type,
		   uint64_t deadline_ms, locate_ask_fn done, void *arg);

/* Returns, from `done` on, whether every registry is there, but has refused to answer. */
bool locate_ask_was_refused(const struct locate_ask *a);

/* Returns, from `done` on, whether a registry has answered REFUSED: the name is in none of its
 * zones. */
bool locate_ask_has_refusal(const struct locate_ask *a);

/* Ends the question, also from within `done`; NULL is fine. */
void locate_ask_free(struct locate_ask *a);
