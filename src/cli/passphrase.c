/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "fabric/file.h"

/* Reads a line into `out`, FABRIC_PASSPHRASE_MAX bytes. Returns its length, or a negative errno:
 * -EMSGSIZE if the line is longer. */
static int line_read(int fd, char *out)
{
	int n = 0;
	char c;

	for (;;) {
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0 || c == '\n')
			return n;
		if (n == FABRIC_PASSPHRASE_MAX)
			return -EMSGSIZE;
		out[n++] = c;
	}
}

static int terminal_ask(int fd, const char *prompt, char *out)
{
	struct termios before, silent;
	sigset_t held, old;
	int n;

	if (tcgetattr(fd, &before) != 0)
		return -errno;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	/* An interrupt in between would leave the terminal without echo. */
	sigfillset(&held);
	sigprocmask(SIG_BLOCK, &held, &old);
	tcsetattr(fd, TCSAFLUSH, &silent);
	dprintf(fd, "%s: ", prompt);
	n = line_read(fd, out);
	dprintf(fd, "\n");
	tcsetattr(fd, TCSAFLUSH, &before);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return n;
}

static int from_terminal(const char *prompt, char *out)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC), n;

	if (fd < 0)
		return 0;
	n = terminal_ask(fd, prompt, out);
	close(fd);
	if (n < 0)
		cli_error("cannot read the passphrase: %s", strerror(-n));
	return n;
}

int cli_passphrase_read(const struct cli_options *options, const char *file, const char *prompt,
			char *out)
{
	const char *path = options->passphrase_file;
	int n;

	if (path == NULL)
		path = getenv("WEFT_PASSPHRASE_FILE");
	if (path == NULL)
		path = file;
	if (path == NULL)
		return from_terminal(prompt, out);
	n = fabric_file_passphrase(out, path);
	if (n < 0)
		cli_error("%s: %s", path,
			  n == -EINVAL ? "its first line is not a valid passphrase" : strerror(-n));
	return n;
}
