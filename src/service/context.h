/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/context.h - a context of libweft made of the options of the command line, and what the
 * commands on it have in common: errors that name the next step, and notes.
 *
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weft/weft.h>

struct cli_options;

struct service {
	const struct cli_options *options;
	struct weft *w;
};

/* Makes the context. Returns CLI_OK, after which service_close() is owed, or another exit status
 * after a message. */
int service_open(struct service *s, const struct cli_options *options);

void service_close(struct service *s);

/* Returns what to do about an error of libweft, or NULL. If no registry has answered although all
 * that are known do answer this host, `error` becomes WEFT_E_REFUSED: they do not serve the
 * domain. */
const char *service_advice(const struct service *s, int *error);

/* Reports an error of libweft about `what`, a name: on standard error, and with --json on standard
 * output, too, with what to do about it. Returns the exit status that it means. */
int service_fail(const struct service *s, int error, const char *what);

/* Likewise, with another text than weft_error_text(). */
int service_fail_why(const struct service *s, int error, const char *what, const char *why);

/* Writes a line for people to standard error, unless -q is given; or only if -v is. */
__attribute__((format(printf, 2, 3))) void service_note(const struct service *s, const char *format,
							...);
__attribute__((format(printf, 2, 3))) void service_detail(const struct service *s,
							  const char *format, ...);

/* Returns the milliseconds of --timeout, or `otherwise` without it; -1 for --timeout 0, unless
 * `otherwise` is less. */
int service_timeout_ms(const struct service *s, int otherwise);

/* Reports, with -v, which registries are known and how they are. */
void service_report_registries(const struct service *s);

/* Flushes standard output. Returns CLI_OK, also if its reader has gone, which is in `is_unread`
 * unless that is NULL; or CLI_FAILURE after a message. */
int service_flush(bool *is_unread);

/* Returns now, of CLOCK_MONOTONIC. */
uint64_t service_now_ms(void);
