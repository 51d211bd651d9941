/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <stdlib.h>

#include "caller.h"

static struct weft_watch *watches[CALLER_MANY];
static unsigned nwatches;

static int print_found(int error, struct weft_instances *all)
{
	if (error != WEFT_OK)
		return error;
	caller_print("found %zu%s", weft_instances_count(all),
		     weft_instances_are_stale(all) ? " stale" : "");
	for (size_t i = 0; i < weft_instances_count(all); i++)
		caller_print("instance %s", caller_instance(weft_instances_get(all, i)));
	weft_instances_free(all);
	return WEFT_OK;
}

static void on_found(void *arg, int error, struct weft_instances *found)
{
	(void)arg;
	if (print_found(error, found) != WEFT_OK)
		caller_print_error(error);
}

int caller_find(char **words)
{
	struct weft_instances *all = NULL;
	int timeout_ms = words[1] != NULL ? atoi(words[1]) : -1;
	int ret = weft_find(caller_context, words[0], timeout_ms, &all);

	return print_found(ret, all);
}

int caller_find_start(char **words)
{
	int timeout_ms = words[1] != NULL ? atoi(words[1]) : -1;

	return weft_find_start(caller_context, words[0], timeout_ms, on_found, NULL, NULL);
}

int caller_types(char **words)
{
	struct weft_instances *all = NULL;
	int ret = weft_find_types(caller_context, words[0], -1, &all);

	return print_found(ret, all);
}

static void on_watch(void *arg, enum weft_watch_event event, const struct weft_instance *now,
		     const struct weft_instance *before)
{
	(void)arg;
	(void)before;
	caller_print("%s %s", weft_watch_event_name(event), caller_instance(now));
}

int caller_watch(char **words)
{
	int ret;

	if (nwatches == CALLER_MANY)
		return WEFT_E_ARGUMENT;
	ret = weft_watch_new(caller_context, words[0], on_watch, NULL, &watches[nwatches]);
	nwatches += ret == WEFT_OK;
	return ret;
}

int caller_unwatch(char **words)
{
	(void)words;
	while (nwatches > 0)
		weft_watch_free(watches[--nwatches]);
	return WEFT_OK;
}
