/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/words.h - a sentence that is mostly empty, and takes no memory then. Any thread. */
#pragma once

#include <stddef.h>

enum { AGENT_REASON_MAX = 512 }; /* one line and a NUL */

/* NULL is the empty one. */
struct agent_words {
	char *text;
};

/* Replaces it; without memory it is empty. */
void agent_words_set(struct agent_words *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void agent_words_clear(struct agent_words *w);

static inline const char *agent_words_get(const struct agent_words *w)
{
	return w->text != NULL ? w->text : "";
}
