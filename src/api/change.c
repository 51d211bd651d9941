/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <string.h>
#include <weft/register.h>

#include "api/error.h"
#include "api/load.h"
#include "api/wait.h"
#include "find/name.h"
#include "locate/locate.h"
#include "registrant/registrant.h"

struct waiting {
	struct api_wait wait;
	struct weft *context;
	struct registrant_change *change;
	uint64_t deadline_ms;
	uint8_t name[DNS_NAME_MAX];
};

static void on_changed(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct waiting *waiting = arg;
	int code = api_error_from_errno(error);

	(void)now_ms;
	if (code != WEFT_OK)
		api_context_fail(waiting->context, code, "%s", why);
	api_wait_end(&waiting->wait, waiting->context, code);
}

/* Prepares a change of what is registered under a name. */
static int change_begin(struct waiting *waiting, struct weft *w, const char *name, int timeout_ms)
{
	char why[FIND_NAME_WHY_MAX];
	int ret = api_wait_check(w);

	if (ret == WEFT_OK)
		ret = api_load_registrant(w);
	if (ret != WEFT_OK)
		return ret;
	memset(waiting, 0, sizeof(*waiting));
	waiting->context = w;
	waiting->deadline_ms = api_load_deadline(w, timeout_ms, 1);
	if (find_name_complete(waiting->name, name, locate_domain(w->locate), why) < 0)
		return api_context_fail(w, WEFT_E_NAME, "%s", why);
	return WEFT_OK;
}

/* Waits for a change; `begun` is 0 or why it was not begun. */
static int change_end(struct waiting *waiting, int begun)
{
	int ret;

	if (begun < 0)
		return api_context_fail(waiting->context, api_error_from_errno(begun), "%s",
					strerror(-begun));
	ret = api_wait_for(&waiting->wait, waiting->context, UINT64_MAX);
	registrant_change_free(waiting->change);
	return ret;
}

int weft_unregister_name(struct weft *w, const char *name, int timeout_ms)
{
	struct waiting waiting;
	int ret = change_begin(&waiting, w, name, timeout_ms);

	if (ret != WEFT_OK)
		return ret;
	ret = registrant_change_remove(&waiting.change, w->registrant, waiting.name,
				       waiting.deadline_ms, on_changed, &waiting);
	return change_end(&waiting, ret);
}

int weft_suspect_name(struct weft *w, const char *name, const char *why, int timeout_ms)
{
	struct waiting waiting;
	int ret = change_begin(&waiting, w, name, timeout_ms);

	if (ret != WEFT_OK)
		return ret;
	ret = registrant_change_report(&waiting.change, w->registrant, waiting.name, why,
				       waiting.deadline_ms, on_changed, &waiting);
	return change_end(&waiting, ret);
}

int weft_set_state_of(struct weft *w, const char *name, enum weft_state state, int timeout_ms)
{
	struct waiting waiting;
	int ret = change_begin(&waiting, w, name, timeout_ms);

	if (ret != WEFT_OK)
		return ret;
	if (weft_state_name(state)[0] == '\0')
		return api_context_fail(w, WEFT_E_ARGUMENT, "%d is not a state", (int)state);
	ret = registrant_change_state(&waiting.change, w->registrant, waiting.name,
				      (enum dnssd_state)state, waiting.deadline_ms, on_changed,
				      &waiting);
	return change_end(&waiting, ret);
}
