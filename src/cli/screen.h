/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/screen.h - the whole terminal as a screen of text, and its keys.
 *
 * The terminal is as it was before after cli_screen_close, which the caller calls whatever happens:
 * signals that end a program end the waiting for a key instead. Knows ANSI sequences only, which
 * all terminals of today have. One screen, one thread. */
#pragma once

#include <stdbool.h>
#include <termios.h>

struct cli_screen {
	int rows, columns; /* now */
	struct termios before;
};

/* What happened instead of a key. */
enum { CLI_SCREEN_TIMEOUT = 0, CLI_SCREEN_END = -1, CLI_SCREEN_RESIZED = -2 };

/* Takes the terminal. Returns 0, after which cli_screen_close is owed, or -1 if standard input and
 * output are not one, or it is a dumb one. */
int cli_screen_open(struct cli_screen *s);

/* Gives the terminal back. */
void cli_screen_close(struct cli_screen *s);

/* Replaces the screen by the lines of `text`. Returns 0, or -1 if the terminal is gone. */
int cli_screen_draw(struct cli_screen *s, const char *text);

/* Waits for a key for at most `timeout_ms`. Returns the key, or one of CLI_SCREEN_*: a signal asks
 * to end, or the screen has another size or was left and entered again, so that it must be
 * drawn. */
int cli_screen_key(struct cli_screen *s, int timeout_ms);

/* Lets signals that ask to end interrupt what the caller waits for (`true`), or keeps them until
 * cli_screen_key. */
void cli_screen_interrupt(bool is_permitted);
