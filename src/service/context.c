/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/context.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "service/show.h"

enum {
	FOREVER_MS = 86400 * 1000, /* of --timeout 0 */
};

uint64_t service_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int service_timeout_ms(const struct service *s, int otherwise)
{
	if (!s->options->has_limit)
		return otherwise;
	if (s->options->limit_s == 0 || s->options->limit_s > FOREVER_MS / 1000)
		return FOREVER_MS;
	return s->options->limit_s * 1000;
}

/* ---- messages ---- */

static void line_write(const char *format, va_list args)
{
	fputs("weft: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void service_note(const struct service *s, const char *format, ...)
{
	va_list args;

	if (s->options->is_quiet)
		return;
	va_start(args, format);
	line_write(format, args);
	va_end(args);
}

void service_detail(const struct service *s, const char *format, ...)
{
	va_list args;

	if (!s->options->is_verbose)
		return;
	va_start(args, format);
	line_write(format, args);
	va_end(args);
}

/* What an error means for the exit status, and what to do about it; NULL: nothing more is known. */
static const struct meaning {
	int error, status;
	const char *advice;
} meanings[] = {
	{WEFT_E_NOT_FOUND, CLI_FAILURE, "weft browse -at lists what there is"},
	{WEFT_E_NO_REGISTRY, CLI_NO_SERVER, NULL},
	{WEFT_E_NAME, CLI_USAGE, NULL},
	{WEFT_E_TEXT, CLI_USAGE, NULL},
	{WEFT_E_PORT, CLI_USAGE, NULL},
	{WEFT_E_ARGUMENT, CLI_USAGE, NULL},
	{WEFT_E_CONFIG, CLI_USAGE, NULL}, /* not 1: that would be that nothing was found */
	{WEFT_E_KEY, CLI_FAILURE,
	 "set --key-file, WEFT_KEY_FILE or a key in client.conf(5); weft key issue makes one"},
	{WEFT_E_CONFLICT, CLI_FAILURE, "choose another name, or --rename"},
	{WEFT_E_CLOCK, CLI_FAILURE, "set this host's clock, or the registry's"},
	{WEFT_E_REFUSED, CLI_FAILURE, "weft explain shows why, on the registry"},
	{WEFT_E_TLS, CLI_FAILURE, "client.conf(5) describes what is trusted"},
};

struct count {
	size_t nall, nanswering;
};

static int count_add(void *arg, const struct weft_registry *r)
{
	struct count *count = arg;

	count->nall++;
	count->nanswering += weft_registry_is_healthy(r) > 0;
	return 0;
}

/* Returns the row of an error, or NULL. */
static const struct meaning *meaning_find(int error)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].error == error)
			return &meanings[i];
	return NULL;
}

const char *service_advice(const struct service *s, int *error)
{
	const struct meaning *meaning = meaning_find(*error);
	struct count count = {0};

	if (*error != WEFT_E_NO_REGISTRY)
		return meaning != NULL ? meaning->advice : NULL;
	weft_registries(s->w, count_add, &count);
	if (count.nall == 0)
		return "set WEFT_REGISTRY, or registry: in " WEFT_SYSCONFDIR
		       "/client.conf; see client.conf(5)";
	if (count.nanswering < count.nall)
		return "is it running, and may this host reach it?";
	*error = WEFT_E_REFUSED; /* they are there */
	return "does the registry serve this domain, which --domain sets, for this host?";
}

int service_fail_why(const struct service *s, int error, const char *what, const char *why)
{
	const char *advice = service_advice(s, &error), *usual = weft_strerror(error);
	bool has_why = why != NULL && *why != '\0' && strcmp(why, usual) != 0;
	const struct meaning *meaning = meaning_find(error);
	int status = meaning != NULL ? meaning->status : CLI_FAILURE;
	json_t *object;

	cli_error("%s%s%s%s%s", what, *what != '\0' ? ": " : "", has_why ? why : usual,
		  advice != NULL ? "; " : "", advice != NULL ? advice : "");
	service_report_registries(s);
	if (!s->options->is_json)
		return status;
	object = json_pack("{s:b, s:o, s:s, s:o}", "ok", 0, "error",
			   service_show_text(has_why ? why : usual), "code", weft_error_name(error),
			   "name", service_show_text(what));
	if (object != NULL)
		json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(object);
	return status;
}

int service_fail(const struct service *s, int error, const char *what)
{
	return service_fail_why(s, error, what, weft_error_text(s->w));
}

int service_flush(bool *is_unread)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_OK;
	if (is_unread != NULL)
		*is_unread = errno == EPIPE;
	if (errno == EPIPE)
		return CLI_OK;
	cli_error("cannot write the answer: %s", strerror(errno));
	return CLI_FAILURE;
}

/* ---- the context ---- */

int service_open(struct service *s, const struct cli_options *options)
{
	int error;

	*s = (struct service){.options = options};
	error = weft_new(&s->w);
	if (error != WEFT_OK) {
		cli_error("%s", weft_strerror(error));
		return CLI_FAILURE;
	}
	if (options->config != NULL)
		error = weft_set_config(s->w, options->config);
	if (error == WEFT_OK && options->registry != NULL)
		error = weft_set_registry(s->w, options->registry);
	if (error == WEFT_OK && options->domain != NULL)
		error = weft_set_domain(s->w, options->domain);
	if (error == WEFT_OK && options->key_file != NULL)
		error = weft_set_key_file(s->w, options->key_file, NULL);
	if (error == WEFT_OK)
		error = weft_load(s->w);
	if (error == WEFT_OK)
		return CLI_OK;
	error = service_fail(s, error, "");
	service_close(s);
	return error;
}

void service_close(struct service *s)
{
	weft_free(s->w);
	s->w = NULL;
}

static int registry_report(void *arg, const struct weft_registry *r)
{
	static const char *const healths[] = {"not asked yet", "does not answer", "answers"};
	uint32_t rtt_us = weft_registry_rtt_us(r);
	char rtt[32] = "";

	if (rtt_us > 0)
		snprintf(rtt, sizeof(rtt), " in %u.%u ms", rtt_us / 1000, rtt_us % 1000 / 100);
	service_detail(arg, "registry %s by %s, from %s: %s%s", weft_registry_address(r),
		       weft_registry_transport(r), weft_registry_source(r),
		       healths[weft_registry_is_healthy(r) + 1], rtt);
	return 0;
}

void service_report_registries(const struct service *s)
{
	if (s->options->is_verbose && s->w != NULL)
		weft_registries(s->w, registry_report, (void *)(uintptr_t)s);
}
