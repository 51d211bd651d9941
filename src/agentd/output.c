/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agentd/program.h"
#include "base/utf8.h"
#include "control/agent_commands.h"
#include "control/server.h"
#include "supervise/follow.h"
#include "supervise/output.h"

enum {
	OLD_FILES_MAX = 100,	 /* that are looked into */
	WAITING_MAX = 512 << 10, /* bytes that wait for a client, the last lines not counted */
};

/* A client that follows. */
struct following {
	struct supervise_follow *follow;
	char *bytes; /* that wait */
	size_t nbytes, size;
	size_t nlost;
};

struct wanted {
	struct agent_view view;
	size_t lines;
	bool must_follow;
};

/* ---- the end of the log ---- */

/* Makes a JSON text of a line: an octet that is not UTF-8 becomes U+FFFD, as does NUL, which not
 * all readers of JSON take. Returns NULL if memory is short. */
static json_t *line_to_json(const char *line, size_t nbytes)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *text = malloc(3 * nbytes + 1);
	json_t *out;
	size_t n = 0;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < nbytes;) {
		size_t step = line[i] == '\0'
				      ? 0
				      : base_utf8_character((const uint8_t *)line + i, nbytes - i);

		memcpy(text + n, step > 0 ? line + i : replacement, step > 0 ? step : 3);
		n += step > 0 ? step : 3;
		i += step > 0 ? step : 1;
	}
	out = json_stringn(text, n);
	free(text);
	return out;
}

static json_t *lines_to_json(const char *bytes, size_t nbytes)
{
	json_t *list = json_array();

	while (nbytes > 0) {
		const char *end = memchr(bytes, '\n', nbytes);
		size_t n = end == NULL ? nbytes : (size_t)(end - bytes);

		json_array_append_new(list, line_to_json(bytes, n));
		n += end != NULL;
		bytes += n;
		nbytes -= n;
	}
	return list;
}

/* ---- following ---- */

static void on_bytes(void *arg, const char *bytes, size_t nbytes)
{
	struct following *f = arg;
	size_t size = f->size;
	char *grown = f->bytes;

	while (size < f->nbytes + nbytes)
		size = size == 0 ? 4096 : 2 * size;
	if (f->nlost == 0 && f->nbytes + nbytes <= WAITING_MAX && size > f->size)
		grown = realloc(f->bytes, size);
	if (f->nlost > 0 || f->nbytes + nbytes > WAITING_MAX || grown == NULL) {
		f->nlost += nbytes;
		return;
	}
	f->bytes = grown;
	f->size = size;
	memcpy(f->bytes + f->nbytes, bytes, nbytes);
	f->nbytes += nbytes;
}

/* Writes a line about what was lost, and begins anew. */
static size_t lost_write(struct following *f, char *out, size_t size)
{
	int n = snprintf(out, size, "weft-agentd: %zu bytes were written too fast to be followed\n",
			 f->nlost);

	f->nlost = 0;
	return n < (int)size ? (size_t)n : size - 1;
}

/* Gives the lines that are whole, or as much of a line as there is room for. */
static size_t stream_next(void *arg, char *out, size_t size)
{
	struct following *f = arg;
	size_t n = f->nbytes < size ? f->nbytes : size;
	const char *end = n > 0 ? memrchr(f->bytes, '\n', n) : NULL;

	if (end != NULL)
		n = (size_t)(end - f->bytes) + 1;
	else if (f->nlost > 0 && n < size)
		return lost_write(f, out, size);
	else if (n < size)
		return 0;
	memcpy(out, f->bytes, n);
	memmove(f->bytes, f->bytes + n, f->nbytes - n);
	f->nbytes -= n;
	return n;
}

/* A client that does not read at all is not hung up on: what it misses is counted. */
static size_t stream_lose(void *arg, char *out, size_t size)
{
	(void)arg;
	(void)out;
	(void)size;
	return 0;
}

static void stream_end(void *arg)
{
	struct following *f = arg;

	supervise_follow_close(f->follow);
	free(f->bytes);
	free(f);
}

static void follow(const struct agentd *d, struct control_request *request, const char *path,
		   const char *bytes, size_t nbytes)
{
	struct following *f = calloc(1, sizeof(*f));
	const struct control_stream stream = {stream_next, stream_lose, stream_end, f};
	int ret = f == NULL ? -ENOMEM : 0;

	if (ret == 0)
		on_bytes(f, bytes, nbytes);
	if (ret == 0)
		ret = supervise_follow_open(&f->follow, d->loop, path, on_bytes, f);
	if (ret == 0)
		ret = control_request_stream(request, &stream);
	if (ret == 0)
		return;
	if (f != NULL)
		stream_end(f);
	if (ret == -EBUSY)
		control_request_fail(request, "too many clients follow logs already");
	else
		control_request_fail(request, "%s: %s", path, strerror(-ret));
}

/* ---- the command ---- */

/* Reads the arguments. Returns false with the request failed. */
static bool arguments_read(const struct agentd *d, struct control_request *request,
			   struct wanted *out)
{
	size_t nargs = control_request_nargs(request);
	uint8_t name[DNS_NAME_MAX];
	struct base_error error;

	*out = (struct wanted){.lines = CONTROL_AGENT_LOG_LINES};
	for (size_t i = 1; i < nargs; i++) {
		const char *arg = control_request_arg(request, i);
		char *end;

		if (strcmp(arg, "follow") == 0) {
			out->must_follow = true;
			continue;
		}
		out->lines = strtoul(arg, &end, 10);
		if (arg[0] < '0' || arg[0] > '9' || *end != '\0' ||
		    out->lines > CONTROL_AGENT_LOG_LINES_MAX) {
			control_request_fail(request, "%s is not a number of lines, 0 to %d", arg,
					     CONTROL_AGENT_LOG_LINES_MAX);
			return false;
		}
	}
	if (agent_find(d->agent, control_request_arg(request, 0), name, &error) < 0 ||
	    agent_get(d->agent, name, &out->view) < 0) {
		control_request_fail(request, "%s", error.text);
		return false;
	}
	if (out->view.log != NULL)
		return true;
	control_request_fail(request,
			     "%s has no file of output: see `output` of its declaration, and the "
			     "journal",
			     control_request_arg(request, 0));
	return false;
}

void agentd_output_show(void *arg, struct control_request *request)
{
	const struct agentd *d = arg;
	struct supervise_output_settings settings = {.count = OLD_FILES_MAX};
	struct wanted w;
	size_t nbytes = 0;
	char *bytes = NULL, name[DNS_NAME_TEXT_MAX];
	int ret = 0;

	if (!arguments_read(d, request, &w))
		return;
	settings.path = w.view.log;
	if (w.lines > 0)
		ret = supervise_output_tail(&settings, w.lines, &bytes, &nbytes);
	if (ret < 0) {
		control_request_fail(request, "%s: %s", settings.path, strerror(-ret));
	} else if (w.must_follow) {
		follow(d, request, settings.path, bytes, nbytes);
	} else {
		name[dns_name_to_text(name, w.view.instance) - 1] = '\0';
		control_request_answer(request, json_pack("{s:s, s:s, s:o}", "instance", name,
							  "log", settings.path, "lines",
							  lines_to_json(bytes, nbytes)));
	}
	free(bytes);
}
