/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"

enum { LABEL_MAX = 256 };

static struct registered {
	char label[LABEL_MAX];
	struct weft_registration *r; /* NULL: freed */
} registrations[CALLER_MANY];
static unsigned nregistrations;

static void on_event(void *arg, enum weft_registration_event event, int error, const char *text)
{
	static const char *const names[] = {
		[WEFT_REGISTRATION_DONE] = "done",     [WEFT_REGISTRATION_RENAMED] = "renamed",
		[WEFT_REGISTRATION_FAILED] = "failed", [WEFT_REGISTRATION_LOST] = "lost",
		[WEFT_REGISTRATION_ENDED] = "ended",
	};
	struct weft_registration *r = arg;

	caller_print("registration %s %s %" PRIu32 " %" PRIu64 " %s %s", names[event],
		     weft_registration_name(r), weft_registration_lease(r),
		     weft_registration_incarnation(r), weft_error_name(error),
		     text != NULL ? text : "");
}

/* ---- what is registered ---- */

static enum weft_state state_of(const char *name)
{
	int state = WEFT_STATE_UP;

	while (state <= WEFT_STATE_FAILED &&
	       strcmp(weft_state_name((enum weft_state)state), name) != 0)
		state++;
	return (enum weft_state)state;
}

static int set_lease(struct weft_registration *r, const char *value)
{
	return weft_registration_set_lease(r, (uint32_t)atoi(value));
}

static int set_port(struct weft_registration *r, const char *value)
{
	return weft_registration_set_port(r, atoi(value));
}

static int set_state(struct weft_registration *r, const char *value)
{
	return weft_registration_set_state(r, state_of(value));
}

static int set_rename(struct weft_registration *r, const char *value)
{
	(void)value;
	return weft_registration_set_conflict(r, WEFT_CONFLICT_RENAME);
}

static int set_srv(struct weft_registration *r, const char *value)
{
	unsigned priority = 0, weight = 0;

	sscanf(value, "%u,%u", &priority, &weight);
	return weft_registration_set_srv(r, (uint16_t)priority, (uint16_t)weight);
}

static const struct setting {
	const char *name;
	int (*set)(struct weft_registration *r, const char *value);
} settings[] = {
	{"-addresses", weft_registration_set_addresses},
	{"-host", weft_registration_set_host},
	{"-id", weft_registration_set_id},
	{"-lease", set_lease},
	{"-port", set_port},
	{"-rename", set_rename},
	{"-srv", set_srv},
	{"-state", set_state},
	{"-subtype", weft_registration_add_subtype},
};

static int set_word(struct weft_registration *r, char *word)
{
	char *value = strchr(word, '=');

	if (value != NULL)
		*value++ = '\0';
	if (word[0] != '-')
		return weft_registration_set_txt(r, word, value, value != NULL ? strlen(value) : 0);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings) && value != NULL; i++)
		if (strcmp(settings[i].name, word) == 0)
			return settings[i].set(r, value);
	return WEFT_E_ARGUMENT;
}

static int set_words(struct weft_registration *r, char **words)
{
	int ret = WEFT_OK;

	for (; *words != NULL && ret == WEFT_OK; words++)
		ret = set_word(r, *words);
	return ret;
}

/* ---- being registered ---- */

/* Starts a registration that was made, unless it was not. */
static int start(int error, struct weft_registration *r, const char *label, char **words,
		 bool does_wait)
{
	int ret = error == WEFT_OK && nregistrations == CALLER_MANY ? WEFT_E_ARGUMENT : error;

	if (ret != WEFT_OK)
		return ret;
	ret = set_words(r, words);
	if (ret == WEFT_OK)
		ret = does_wait ? weft_registration_wait(r, -1)
				: weft_registration_start(r, on_event, r);
	if (ret != WEFT_OK) {
		weft_registration_free(r);
		return ret;
	}
	snprintf(registrations[nregistrations].label, LABEL_MAX, "%s", label);
	registrations[nregistrations++].r = r;
	if (does_wait)
		caller_print("done %s %" PRIu32 " %" PRIu64, weft_registration_name(r),
			     weft_registration_lease(r), weft_registration_incarnation(r));
	return WEFT_OK;
}

int caller_register(char **words)
{
	struct weft_registration *r = NULL;
	int ret = weft_registration_new(caller_context, words[0], words[1], atoi(words[2]), &r);

	return start(ret, r, words[0], words + 3, false);
}

int caller_register_wait(char **words)
{
	struct weft_registration *r = NULL;
	int ret = weft_registration_new(caller_context, words[0], words[1], atoi(words[2]), &r);

	return start(ret, r, words[0], words + 3, true);
}

int caller_node(char **words)
{
	struct weft_registration *r = NULL;
	int ret = weft_registration_new_node(caller_context, words[0], &r);

	return start(ret, r, words[0], words + 1, false);
}

static struct registered *registered_find(const char *label)
{
	for (unsigned i = 0; i < nregistrations; i++)
		if (registrations[i].r != NULL && strcmp(registrations[i].label, label) == 0)
			return &registrations[i];
	return NULL;
}

int caller_set(char **words)
{
	struct registered *found = registered_find(words[0]);

	return found != NULL ? set_words(found->r, words + 1) : WEFT_E_ARGUMENT;
}

int caller_end(char **words)
{
	struct registered *found = registered_find(words[0]);

	return found != NULL ? weft_registration_end(found->r) : WEFT_E_ARGUMENT;
}

int caller_free(char **words)
{
	struct registered *found = registered_find(words[0]);

	if (found == NULL)
		return WEFT_E_ARGUMENT;
	weft_registration_free(found->r);
	found->r = NULL;
	return WEFT_OK;
}

static int print_done(int error)
{
	if (error == WEFT_OK)
		caller_print("done");
	return error;
}

int caller_unregister(char **words)
{
	struct registered *found = registered_find(words[0]);
	struct weft_registration *r;

	if (found == NULL)
		return WEFT_E_ARGUMENT;
	r = found->r;
	found->r = NULL;
	return print_done(weft_unregister(r, -1));
}

int caller_remove(char **words)
{
	return print_done(weft_unregister_name(caller_context, words[0], -1));
}

int caller_state(char **words)
{
	return print_done(weft_set_state_of(caller_context, words[0], state_of(words[1]), -1));
}
