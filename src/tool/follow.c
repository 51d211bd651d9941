/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/grow.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "dnssd/kind.h"
#include "locate/locate.h"

enum {
	ONCE_LIMIT_S = 10,	/* for --once without --timeout */
	KEEPALIVE_LEAST_S = 10, /* of RFC 8490 section 6.5.2 */
	KEEPALIVE_MOST_S = 86400,
	KEEPALIVE_S = 60,   /* without --keepalive */
	LINES_MOST = 65536, /* bytes of lines that are written at once */
	TIME_MAX = 40,
};

/* ---- signals: they end the loop ---- */

static volatile sig_atomic_t got_signal;

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int number)
{
	got_signal = number;
}

/* Lets signals interrupt nothing but what waits with `wait_mask`. */
static void signals_take(sigset_t *wait_mask)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		sigaddset(&blocked, ending[i]);
		sigaction(ending[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, wait_mask);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigdelset(wait_mask, ending[i]);
}

static sigset_t wait_mask;

static int wait_for(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

	return ppoll(fds, n, timeout_ms < 0 ? NULL : &limit, &wait_mask);
}

/* ---- lines ---- */

static void over(struct tool_follow *f, int status)
{
	if (!f->is_over)
		f->status = status;
	f->is_over = true;
}

/* Writes the lines. A reader that does not take them is waited for, but not one that is gone: that
 * is how `| head` ends us. */
static void lines_flush(struct tool_follow *f)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	size_t at = 0;

	while (at < f->nlines && !f->is_closed && !got_signal) {
		size_t left = f->nlines - at;
		ssize_t n;

		if (wait_for(&out, 1, -1) < 0)
			continue; /* by a signal */
		/* A pipe that is ready takes at least as much without blocking. */
		n = write(STDOUT_FILENO, f->lines + at, left < PIPE_BUF ? left : PIPE_BUF);
		if (n >= 0) {
			at += (size_t)n;
		} else if (errno == EPIPE) {
			f->is_closed = true;
			over(f, CLI_OK);
		} else if (errno != EINTR && errno != EAGAIN) {
			f->is_closed = true;
			cli_error("standard output: %s", strerror(errno));
			over(f, CLI_FAILURE);
		}
	}
	f->nlines = 0;
}

static void line_add(struct tool_follow *f, const char *text, size_t nchars)
{
	char *grown = base_grow_bytes(f->lines, f->nlines, &f->lines_size, nchars);

	if (grown == NULL) {
		cli_error("out of memory");
		over(f, CLI_FAILURE);
		return;
	}
	f->lines = grown;
	memcpy(grown + f->nlines, text, nchars);
	f->nlines += nchars;
}

/* Ends a line that was added in pieces. */
static void line_end(struct tool_follow *f)
{
	line_add(f, "\n", 1);
	if (f->nlines >= LINES_MOST)
		lines_flush(f);
}

/* Takes the reference of the object. */
static void object_add(struct tool_follow *f, json_t *object)
{
	char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text == NULL) {
		cli_error("out of memory");
		over(f, CLI_FAILURE);
		return;
	}
	line_add(f, text, strlen(text));
	free(text);
	line_end(f);
}

/* The time as RFC 3339 has it, in UTC; for people the time of the day here. */
static const char *time_to_text(char out[static TIME_MAX], bool is_json)
{
	struct timespec now = base_clock_read(CLOCK_REALTIME);
	char text[TIME_MAX - 8];
	struct tm tm;

	if (is_json) {
		gmtime_r(&now.tv_sec, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(out, TIME_MAX, "%s.%03uZ", text, (unsigned)(now.tv_nsec / 1000000) % 1000);
	} else {
		localtime_r(&now.tv_sec, &tm);
		strftime(out, TIME_MAX, "%H:%M:%S", &tm);
	}
	return out;
}

static const struct {
	char sign;
	const char *color, *name;
} events[] = {
	[TOOL_FOLLOW_ADD] = {'+', "\033[32m", "add"},
	[TOOL_FOLLOW_REMOVE] = {'-', "\033[31m", "remove"},
	[TOOL_FOLLOW_CHANGE] = {'~', "\033[33m", "change"},
};

void tool_follow_show(struct tool_follow *f, enum tool_follow_event event, bool has_time,
		      const char *text, json_t *object)
{
	char now[TIME_MAX], start[TIME_MAX * 2];

	if (f->is_over) {
		json_decref(object);
		return;
	}
	time_to_text(now, f->options->is_json);
	if (f->options->is_json) {
		json_t *line = json_pack("{s:s, s:s}", "time", now, "event", events[event].name);

		json_object_update(line, object);
		object_add(f, line);
	} else {
		snprintf(start, sizeof(start), "%s%s%s%c ", f->has_color ? events[event].color : "",
			 has_time ? now : "", has_time ? " " : "", events[event].sign);
		line_add(f, start, strlen(start));
		line_add(f, text, strlen(text));
		if (f->has_color)
			line_add(f, "\033[0m", 4);
		line_end(f);
	}
	json_decref(object);
	if (++f->nchanges == f->nchanges_max)
		over(f, CLI_OK);
}

/* ---- states ---- */

static const char *const state_names[] = {
	[CLIENT_STATE_PUSH] = "push",	    [CLIENT_STATE_LOST] = "lost",
	[CLIENT_STATE_POLL] = "poll",	    [CLIENT_STATE_UNREACHED] = "unreached",
	[CLIENT_STATE_REFUSED] = "refused",
};

static void state_add(struct tool_follow *f, const struct client_state *state, const char *name,
		      const char *server)
{
	char now[TIME_MAX];

	object_add(
		f,
		json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s, s:o}", "time", time_to_text(now, true),
			  "event", "state", "state", state_names[state->kind], "name", name,
			  "server", server, "why", state->why, "retry",
			  state->retry_in_ms == UINT64_MAX
				  ? json_null()
				  : json_integer((json_int_t)((state->retry_in_ms + 999) / 1000))));
}

static void on_state(void *arg, const struct client_state *state)
{
	struct tool_follow *f = arg;
	char name[DNS_NAME_TEXT_MAX], server[BASE_ADDRESS_TEXT_MAX], retry[CLI_FORM_TEXT_MAX];
	const char *subject = name, *which = NULL;

	dns_name_to_text(name, state->name);
	if (state->server != NULL)
		which = base_address_to_text(server,
					     (const struct sockaddr *)&state->server->address);
	if (state->name[0] == 0 && which != NULL)
		subject = which;
	f->last_state[0] = '\0';
	if (state->kind == CLIENT_STATE_LOST || state->kind == CLIENT_STATE_UNREACHED)
		snprintf(f->last_state, sizeof(f->last_state), "%s: %s", subject, state->why);
	if (f->options->is_json) {
		state_add(f, state, name, which);
		return;
	}
	if (f->options->is_quiet)
		return;
	lines_flush(f); /* on a terminal both are seen in order */
	switch (state->kind) {
	case CLIENT_STATE_PUSH:
		if (f->has_shown_state || f->options->is_verbose)
			cli_error("%s: connected, changes are pushed", subject);
		break;
	case CLIENT_STATE_LOST:
		if (state->retry_in_ms >= 1000)
			cli_error("%s: session ended: %s; connecting again in %s", subject,
				  state->why,
				  cli_form_duration_to_text(retry, state->retry_in_ms / 1000));
		else
			cli_error("%s: session ended: %s; connecting again", subject, state->why);
		break;
	case CLIENT_STATE_POLL:
		cli_error("%s: no DNS Push: %s; polling by TTL", subject, state->why);
		break;
	case CLIENT_STATE_UNREACHED:
		cli_error("%s: no answer: %s; trying again", subject, state->why);
		break;
	case CLIENT_STATE_REFUSED:
		cli_error("%s: %s; polling by TTL", name, state->why);
		break;
	}
	f->has_shown_state = true;
}

/* ---- names ---- */

int tool_follow_name(struct tool_follow *f, uint8_t out[static DNS_NAME_MAX], const char *text)
{
	uint8_t whole[DNS_NAME_MAX];
	size_t nchars = strlen(text);
	bool is_relative = nchars > 0 && text[nchars - 1] != '.';

	if (nchars == 0 || dns_name_from_text(out, text, nchars, NULL) == 0) {
		cli_error("invalid name \"%s\"", text);
		return CLI_USAGE;
	}
	if (!is_relative || (f->domain[0] != 0 && dns_name_is_under(out, f->domain)))
		return CLI_OK;
	/* Without --domain only what cannot be a whole name is completed: a service type, with an
	 * instance or a subtype before it. */
	if (f->options->domain == NULL) {
		const uint8_t *last = dns_name_strip(out, dns_name_labels(out) - 1);

		if (!dnssd_label_is(last, "_tcp") && !dnssd_label_is(last, "_udp"))
			return CLI_OK;
		if (f->domain[0] == 0) {
			cli_error("%s: in which domain? Use --domain", text);
			return CLI_USAGE;
		}
	}
	if (dns_name_from_text(whole, text, nchars, f->domain) == 0) {
		cli_error("invalid name \"%s\": too long in its domain", text);
		return CLI_USAGE;
	}
	memcpy(out, whole, dns_name_nbytes(whole));
	return CLI_OK;
}

/* ---- the loop ---- */

/* Returns the milliseconds until the earlier of both times, -1 for ever. */
static int wait_ms(uint64_t now_ms, uint64_t deadline_ms, uint64_t end_ms)
{
	uint64_t first = deadline_ms < end_ms ? deadline_ms : end_ms;

	if (first == UINT64_MAX)
		return -1;
	if (first <= now_ms)
		return 0;
	return first - now_ms > INT32_MAX ? INT32_MAX : (int)(first - now_ms);
}

/* The time is over: reports what is missing. */
static void time_over(struct tool_follow *f, bool is_current)
{
	bool is_silent = f->last_state[0] != '\0';

	if (is_current && !f->options->is_once && f->nchanges_max == 0) {
		over(f, CLI_OK);
	} else if (is_current) {
		cli_error("%" PRIu64 " of %" PRIu64 " changes came in time", f->nchanges,
			  f->nchanges_max);
		over(f, CLI_FAILURE);
	} else {
		cli_error("no answer in time%s%s", is_silent ? ": " : "",
			  is_silent				? f->last_state
			  : follow_has_none(f->server.follower) ? ": no registry is known"
								: "");
		over(f, CLI_NO_SERVER);
	}
}

int tool_follow_run(struct tool_follow *f, bool (*is_current)(void *arg), void *arg)
{
	uint64_t now_ms = base_clock_steady_us() / 1000, end_ms = UINT64_MAX;

	if (f->options->has_limit && f->options->limit_s > 0)
		end_ms = now_ms + (uint64_t)f->options->limit_s * 1000;
	else if (!f->options->has_limit && f->options->is_once)
		end_ms = now_ms + ONCE_LIMIT_S * 1000;
	while (!f->is_over && !got_signal) {
		struct pollfd fds[] = {
			{.fd = f->server.events.fd, .events = POLLIN},
			{.fd = STDOUT_FILENO}, /* only whether its reader is gone */
		};

		wait_for(fds, 2,
			 wait_ms(now_ms, resolve_events_deadline(&f->server.events), end_ms));
		if (got_signal)
			break;
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
			f->is_closed = true;
			break;
		}
		now_ms = base_clock_steady_us() / 1000;
		resolve_events_run(&f->server.events, now_ms);
		lines_flush(f);
		if (f->options->is_once && is_current(arg))
			over(f, f->nchanges > 0 ? CLI_OK : CLI_FAILURE);
		else if (now_ms >= end_ms && !f->is_over)
			time_over(f, is_current(arg));
	}
	lines_flush(f);
	return f->status;
}

/* ---- begin and end ---- */

static bool is_colored(const struct cli_options *options)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return !options->is_json && isatty(STDOUT_FILENO) &&
	       (no_color == NULL || *no_color == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

/* Reads the options that are numbers; the keepalive interval goes to `keepalive_s`. Returns an exit
 * status. */
static int numbers_read(struct tool_follow *f, uint64_t *keepalive_s)
{
	const char *count = f->options->count, *keepalive = f->options->keepalive;
	char *end;

	if (count != NULL) {
		errno = 0;
		f->nchanges_max = strtoull(count, &end, 10);
		if (errno != 0 || *end != '\0' || f->nchanges_max == 0 || count[0] == '-') {
			cli_error("invalid --count \"%s\": expected a number from 1 on", count);
			return CLI_USAGE;
		}
	}
	if (keepalive != NULL && !cli_form_duration_parse(keepalive_s, "--keepalive", keepalive,
							  KEEPALIVE_LEAST_S, KEEPALIVE_MOST_S))
		return CLI_USAGE;
	return CLI_OK;
}

int tool_follow_begin(struct tool_follow *f, const struct cli_options *options)
{
	uint64_t keepalive_s = KEEPALIVE_S;
	const uint8_t *domain;
	int status;

	*f = (struct tool_follow){.options = options, .has_color = is_colored(options)};
	signals_take(&wait_mask);
	status = numbers_read(f, &keepalive_s);
	if (status == CLI_OK)
		status = tool_server_open(&f->server, options, (uint32_t)keepalive_s * 1000,
					  on_state, f);
	if (status != CLI_OK)
		return status;
	domain = locate_domain(f->server.locate);
	memcpy(f->domain, domain, dns_name_nbytes(domain));
	return CLI_OK;
}

void tool_follow_end(struct tool_follow *f)
{
	tool_server_close(&f->server);
	free(f->lines);
}
