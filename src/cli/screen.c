/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* ECMA-48 and xterm: the other buffer, without a cursor. */
#define ENTER "\033[?1049h\033[?25l\033[H\033[J"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define LINE_END "\033[K\r\n"
#define REST_CLEAR "\033[J"

enum { ROWS_USUAL = 24, COLUMNS_USUAL = 80 };

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum {
	NCAUGHT = sizeof(caught) / sizeof(*caught),
	NENDING = 4, /* of them the first ask to end */
};

/* Written by the handler; the dispositions before it. */
static volatile sig_atomic_t must_end, must_stop, must_draw;
static struct sigaction dispositions[NCAUGHT];

static void on_signal(int number)
{
	if (number == SIGTSTP)
		must_stop = 1;
	else if (number == SIGCONT || number == SIGWINCH)
		must_draw = 1;
	else
		must_end = 1;
}

/* Blocks or unblocks the first `n` of the signals. */
static void signals_block(int how, int n)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < n; i++)
		sigaddset(&set, caught[i]);
	sigprocmask(how, &set, NULL);
}

void cli_screen_interrupt(bool is_permitted)
{
	signals_block(is_permitted ? SIG_UNBLOCK : SIG_BLOCK, NENDING);
}

static int text_write(const char *text, size_t nbytes)
{
	while (nbytes > 0) {
		ssize_t n = write(STDOUT_FILENO, text, nbytes);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			nbytes -= (size_t)n;
		}
	}
	return 0;
}

static void size_read(struct cli_screen *s)
{
	struct winsize size = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	s->rows = size.ws_row > 0 ? size.ws_row : ROWS_USUAL;
	s->columns = size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL;
}

/* Keys come one by one and are not shown; signals by keys stay. */
static void enter(struct cli_screen *s)
{
	struct termios raw = s->before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	text_write(ENTER, sizeof(ENTER) - 1);
	size_read(s);
}

static void leave(const struct cli_screen *s)
{
	text_write(LEAVE, sizeof(LEAVE) - 1);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &s->before);
}

int cli_screen_open(struct cli_screen *s)
{
	struct sigaction action = {.sa_handler = on_signal};
	const char *term = getenv("TERM");

	if ((term != NULL && strcmp(term, "dumb") == 0) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &s->before) != 0)
		return -1;
	must_end = must_stop = must_draw = 0;
	signals_block(SIG_BLOCK, NCAUGHT);
	for (int i = 0; i < NCAUGHT; i++)
		sigaction(caught[i], &action, &dispositions[i]);
	enter(s);
	return 0;
}

void cli_screen_close(struct cli_screen *s)
{
	leave(s);
	for (int i = 0; i < NCAUGHT; i++)
		sigaction(caught[i], &dispositions[i], NULL);
	signals_block(SIG_UNBLOCK, NCAUGHT);
}

int cli_screen_draw(struct cli_screen *s, const char *text)
{
	int ret = text_write(HOME, sizeof(HOME) - 1);

	for (int row = 0; *text != '\0' && row < s->rows && ret == 0; row++) {
		size_t n = strcspn(text, "\n");

		/* A newline after the last line would scroll the screen. */
		ret = text_write(text, n);
		if (ret == 0)
			ret = row + 1 < s->rows ? text_write(LINE_END, sizeof(LINE_END) - 1)
						: text_write(LINE_END, 3);
		text += n + (text[n] == '\n');
	}
	return ret == 0 ? text_write(REST_CLEAR, sizeof(REST_CLEAR) - 1) : ret;
}

/* Returns what a signal asks for, or CLI_SCREEN_TIMEOUT. */
static int signal_take(struct cli_screen *s)
{
	if (must_end)
		return CLI_SCREEN_END;
	if (must_stop) {
		leave(s);
		must_stop = 0;
		raise(SIGSTOP);
		enter(s);
		must_draw = 1;
	}
	if (!must_draw)
		return CLI_SCREEN_TIMEOUT;
	must_draw = 0;
	size_read(s);
	return CLI_SCREEN_RESIZED;
}

int cli_screen_key(struct cli_screen *s, int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	int ret = signal_take(s);
	sigset_t none;
	char key;

	if (ret != CLI_SCREEN_TIMEOUT)
		return ret;
	sigemptyset(&none);
	ret = ppoll(&in, 1, &timeout, &none);
	if (ret < 0)
		return errno == EINTR ? signal_take(s) : CLI_SCREEN_END;
	if (ret == 0)
		return CLI_SCREEN_TIMEOUT;
	return read(STDIN_FILENO, &key, 1) == 1 ? (unsigned char)key : CLI_SCREEN_END;
}
