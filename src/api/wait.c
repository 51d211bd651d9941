/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/wait.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

int api_wait_check(struct weft *w)
{
	if (!w->is_busy)
		return WEFT_OK;
	return api_context_fail(w, WEFT_E_ARGUMENT,
				"functions that wait cannot be called from within a callback");
}

/* Waits once, until there is something to do or the deadline has come, and does it. Returns 0,
 * -ETIMEDOUT, -EINTR or another negative errno. */
static int turn(struct weft *w, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = w->events.fd, .events = POLLIN};
	uint64_t now_ms = api_context_now_ms(), until_ms = weft_deadline_ms(w);
	int n, timeout_ms = -1;

	if (deadline_ms < until_ms)
		until_ms = deadline_ms;
	if (until_ms <= now_ms)
		timeout_ms = 0;
	else if (until_ms != UINT64_MAX)
		timeout_ms = until_ms - now_ms < INT32_MAX ? (int)(until_ms - now_ms) : INT32_MAX;
	n = poll(&p, 1, timeout_ms);
	if (n < 0)
		return -errno;
	now_ms = api_context_now_ms();
	if (n == 0 && weft_deadline_ms(w) > now_ms && deadline_ms <= now_ms)
		return -ETIMEDOUT;
	api_context_run(w);
	return 0;
}

void api_wait_end(struct api_wait *wait, struct weft *w, int error)
{
	wait->is_done = true;
	wait->error = error;
	memcpy(wait->text, w->text, sizeof(wait->text));
}

int api_wait_for(struct api_wait *wait, struct weft *w, uint64_t deadline_ms)
{
	while (!wait->is_done) {
		int ret;

		w->is_waited = true;
		ret = turn(w, deadline_ms);
		w->is_waited = false;

		/* A signal does not end what the caller wants. */
		if (ret < 0 && ret != -EINTR && ret != -ETIMEDOUT)
			return api_context_fail(w, WEFT_E_SYSTEM, "poll: %s", strerror(-ret));
		/* What else the context has to do must not outlast the deadline. */
		if (!wait->is_done && api_context_now_ms() >= deadline_ms)
			return api_context_fail(w, WEFT_E_TIMEOUT, "not done in the time given");
	}
	if (wait->error != WEFT_OK)
		memcpy(w->text, wait->text, sizeof(w->text));
	return wait->error;
}

int weft_wait(struct weft *w, int timeout_ms)
{
	uint64_t deadline_ms = UINT64_MAX;
	int ret = api_wait_check(w);

	if (ret != WEFT_OK)
		return ret;
	if (timeout_ms >= 0)
		deadline_ms = api_context_deadline(timeout_ms);
	ret = turn(w, deadline_ms);
	if (w->is_over) {
		weft_free(w);
		return WEFT_E_CANCELLED;
	}
	if (ret == 0)
		return WEFT_OK;
	if (ret == -ETIMEDOUT)
		return api_context_fail(w, WEFT_E_TIMEOUT,
					"nothing was to be done in the time given");
	errno = -ret;
	return api_context_fail(w, WEFT_E_SYSTEM, "poll: %s", strerror(-ret));
}
