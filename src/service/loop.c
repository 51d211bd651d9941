/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "service/context.h"

int service_loop_begin(struct service_loop *l, const struct service *service, bool has_child)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	static const int more[] = {SIGQUIT, SIGUSR1, SIGUSR2};
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	struct sigaction hangup;
	sigset_t set;

	*l = (struct service_loop){.service = service};
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigaddset(&set, ending[i]);
	/* nohup(1) has it ignored; a child whose end is ignored cannot be waited for. */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN)
		sigdelset(&set, SIGHUP);
	sigaction(SIGCHLD, &usual, NULL);
	for (size_t i = 0; has_child && i < sizeof(more) / sizeof(*more); i++)
		sigaddset(&set, more[i]);
	sigprocmask(SIG_BLOCK, &set, &l->before);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signals >= 0)
		return CLI_OK;
	cli_error("signals: %s", strerror(errno));
	sigprocmask(SIG_SETMASK, &l->before, NULL);
	return CLI_FAILURE;
}

void service_loop_end(struct service_loop *l)
{
	close(l->signals);
	sigprocmask(SIG_SETMASK, &l->before, NULL);
}

/* Returns the shorter of two times to wait; negative is for ever. */
static int shorter(int a_ms, int b_ms)
{
	return a_ms < 0 ? b_ms : b_ms < 0 || a_ms < b_ms ? a_ms : b_ms;
}

int service_loop_turn(struct service_loop *l, int timeout_ms)
{
	struct weft *w = l->service->w;
	struct pollfd fds[] = {
		{.fd = weft_fd(w), .events = (short)weft_events(w)},
		{.fd = l->signals, .events = POLLIN},
		{.fd = l->is_reader_watched && !l->is_reader_gone ? STDOUT_FILENO : -1},
	};

	poll(fds, sizeof(fds) / sizeof(*fds), shorter(timeout_ms, weft_timeout_ms(w)));
	weft_process(w);
	if (fds[2].revents & (POLLERR | POLLNVAL)) {
		l->is_reader_gone = true;
		return SERVICE_LOOP_READER_GONE;
	}
	if (read(l->signals, &l->signal, sizeof(l->signal)) == (ssize_t)sizeof(l->signal))
		return (int)l->signal.ssi_signo;
	return SERVICE_LOOP_NOTHING;
}
