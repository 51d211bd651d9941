/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void agent_words_set(struct agent_words *w, const char *format, ...)
{
	char text[AGENT_REASON_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (strcmp(text, agent_words_get(w)) == 0)
		return;
	free(w->text);
	w->text = text[0] != '\0' ? strdup(text) : NULL;
}

void agent_words_clear(struct agent_words *w)
{
	free(w->text);
	w->text = NULL;
}
