/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/browse.h"

#include <stdlib.h>
#include <string.h>

#include <weft/weft.h>

#include "base/grow.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/table.h"
#include "service/context.h"
#include "service/lines.h"
#include "service/listing.h"
#include "service/loop.h"
#include "service/show.h"
#include "service/waiting.h"

enum {
	TYPES_MOST = 256,	/* that are followed by -a */
	TYPES_EVERY_MS = 10000, /* how often -a looks for new ones */
	FIRST_MS = 5000,	/* until a registry must have answered, without --timeout */
};

struct browse;

/* A type that is followed. */
struct followed {
	struct browse *browse;
	char *type;
	struct weft_watch *watch;
	bool is_current;
};

struct browse {
	struct service s;
	struct service_lines lines;
	struct weft_instance **found; /* with -t */
	size_t nfound, found_size;
	struct followed types[TYPES_MOST];
	size_t ntypes;
	struct weft_find *looking; /* for new types; NULL: not now */
	uint64_t look_ms;	   /* when to look for them; UINT64_MAX: never */
};

/* ---- what there is ---- */

static int found_add(struct browse *b, const struct weft_instances *found)
{
	for (size_t i = 0; i < weft_instances_count(found); i++) {
		struct weft_instance **all =
			base_grow(b->found, b->nfound, &b->found_size, sizeof(*all));

		if (all == NULL) {
			cli_error("out of memory");
			return CLI_FAILURE;
		}
		b->found = all;
		all[b->nfound++] = weft_instance_copy(weft_instances_get(found, i));
	}
	return CLI_OK;
}

/* Adds what there is of a type. Returns an exit status, CLI_FAILURE if that is nothing: after a
 * message unless `is_silent`. */
static int type_find(struct browse *b, const char *type, bool is_silent)
{
	struct weft_instances *found;
	int status = service_waiting_find(&b->s, type, is_silent, &found);

	if (status != CLI_OK)
		return status;
	status = found_add(b, found);
	weft_instances_free(found);
	return status;
}

static int all_find(struct browse *b)
{
	struct weft_instances *types;
	int status = service_waiting_find_types(&b->s, &types);

	if (status != CLI_OK)
		return status;
	for (size_t i = 0; i < weft_instances_count(types); i++) {
		status = type_find(b, weft_instance_name(weft_instances_get(types, i)), true);
		if (status == CLI_NO_SERVER || status == CLI_USAGE)
			break;
		status = CLI_OK;
	}
	weft_instances_free(types);
	return status;
}

/* By type, then by name: the order to contact them in is that of resolve. */
static int compare(const void *a, const void *b)
{
	const struct weft_instance *const *one = a, *const *other = b;
	int types = strcasecmp(weft_instance_type(*one), weft_instance_type(*other));

	return types != 0 ? types
			  : strcasecmp(weft_instance_name(*one), weft_instance_name(*other));
}

static void found_show(const struct browse *b)
{
	json_t *list;

	for (size_t i = 0; !b->s.options->is_json && i < b->nfound; i++)
		service_lines_write(&b->lines, stdout, '+', b->found[i]);
	if (!b->s.options->is_json)
		return;
	list = json_array();
	for (size_t i = 0; i < b->nfound; i++)
		json_array_append_new(list, service_show_json(b->found[i]));
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

static int once_run(struct browse *b, const char *type)
{
	int status = type != NULL ? type_find(b, type, false) : all_find(b);

	if (b->nfound > 1)
		qsort(b->found, b->nfound, sizeof(*b->found), compare);
	if (status == CLI_OK)
		found_show(b);
	for (size_t i = 0; i < b->nfound; i++)
		weft_instance_free(b->found[i]);
	free(b->found);
	return status == CLI_OK ? service_flush(NULL) : status;
}

/* ---- following ---- */

/* Shows a change as a line of JSON. */
static void event_json(const char *event, const struct weft_instance *i)
{
	json_t *object = i != NULL ? service_show_json(i) : json_object();

	json_object_set_new(object, "event", json_string(event));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static const struct {
	char sign; /* 0: not an instance */
	const char *name;
} events[] = {
	[WEFT_WATCH_ADDED] = {'+', "add"},	 [WEFT_WATCH_CHANGED] = {'~', "change"},
	[WEFT_WATCH_REMOVED] = {'-', "remove"},	 [WEFT_WATCH_MOVED] = {'~', "change"},
	[WEFT_WATCH_DRAINING] = {'~', "change"}, [WEFT_WATCH_CURRENT] = {0, "current"},
	[WEFT_WATCH_LOST] = {0, "lost"},
};

static void on_event(void *arg, enum weft_watch_event event, const struct weft_instance *now,
		     const struct weft_instance *before)
{
	struct followed *f = arg;
	const struct service *s = &f->browse->s;

	(void)before;
	if ((size_t)event >= sizeof(events) / sizeof(*events) || events[event].name == NULL)
		return;
	if (event == WEFT_WATCH_CURRENT)
		f->is_current = true;
	if (event == WEFT_WATCH_LOST && f->is_current)
		service_note(s, "%s: no registry answers; what was shown may be past", f->type);
	if (s->options->is_json)
		event_json(events[event].name, now);
	else if (events[event].sign != '~' || f->browse->lines.is_resolved)
		if (events[event].sign != 0)
			service_lines_write(&f->browse->lines, stdout, events[event].sign, now);
}

/* Follows a type that is not followed yet. Returns an exit status. */
static int type_follow(struct browse *b, const char *type)
{
	struct followed *f = &b->types[b->ntypes];
	int error;

	for (size_t i = 0; i < b->ntypes; i++)
		if (strcasecmp(b->types[i].type, type) == 0)
			return CLI_OK;
	if (b->ntypes == TYPES_MOST)
		return CLI_OK;
	*f = (struct followed){.browse = b, .type = strdup(type)};
	error = f->type == NULL ? WEFT_E_MEMORY
				: weft_watch_new(b->s.w, type, on_event, f, &f->watch);
	if (error == WEFT_OK) {
		b->ntypes++;
		return CLI_OK;
	}
	free(f->type);
	return service_fail(&b->s, error, type);
}

/* Follows those of the types that are new. */
static int types_follow(struct browse *b, const struct weft_instances *types)
{
	int status = CLI_OK;

	for (size_t i = 0; status == CLI_OK && i < weft_instances_count(types); i++)
		status = type_follow(b, weft_instance_name(weft_instances_get(types, i)));
	return status;
}

/* Follows the types there are. */
static int all_follow(struct browse *b)
{
	struct weft_instances *types;
	int status = service_waiting_find_types(&b->s, &types);

	if (status != CLI_OK)
		return status;
	status = types_follow(b, types);
	weft_instances_free(types);
	b->look_ms = service_now_ms() + TYPES_EVERY_MS;
	return status;
}

static void on_types(void *arg, int error, struct weft_instances *types)
{
	struct browse *b = arg;

	b->looking = NULL;
	b->look_ms = service_now_ms() + TYPES_EVERY_MS;
	if (error == WEFT_OK)
		types_follow(b, types);
	weft_instances_free(types);
}

/* Begins to look for new types if it is time to. */
static void types_look(struct browse *b)
{
	if (service_now_ms() < b->look_ms)
		return;
	b->look_ms = UINT64_MAX;
	if (weft_find_types_start(b->s.w, NULL, FIRST_MS, on_types, b, &b->looking) != WEFT_OK)
		b->look_ms = service_now_ms() + TYPES_EVERY_MS;
}

static bool is_any_current(const struct browse *b)
{
	for (size_t i = 0; i < b->ntypes; i++)
		if (b->types[i].is_current)
			return true;
	return false;
}

/* Shows changes until a signal comes or the reader goes; it fails if no registry has answered in
 * time. */
static int changes_show(struct browse *b, const char *type)
{
	uint64_t first_ms = service_now_ms() + (uint64_t)service_timeout_ms(&b->s, FIRST_MS);
	struct service_loop loop;
	bool is_unread = false;
	int status = service_loop_begin(&loop, &b->s, false);

	if (status != CLI_OK)
		return status;
	loop.is_reader_watched = true;
	while (service_loop_turn(&loop, 1000) == SERVICE_LOOP_NOTHING) {
		status = service_flush(&is_unread);
		if (status != CLI_OK || is_unread)
			break;
		types_look(b);
		if (is_any_current(b))
			first_ms = UINT64_MAX;
		if (service_now_ms() < first_ms)
			continue;
		status = service_waiting_explain(&b->s, type);
		if (status != CLI_OK)
			break;
		first_ms = UINT64_MAX;
	}
	service_loop_end(&loop);
	return status;
}

static int follow_run(struct browse *b, const char *type)
{
	int status;

	b->look_ms = UINT64_MAX;
	status = type != NULL ? type_follow(b, type) : all_follow(b);
	if (status == CLI_OK)
		status = changes_show(b, type);
	weft_find_cancel(b->looking);
	for (size_t i = 0; i < b->ntypes; i++) {
		weft_watch_free(b->types[i].watch);
		free(b->types[i].type);
	}
	return status;
}

int service_browse(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args)
{
	const char *type = nargs > 0 ? args[0] : NULL;
	struct browse *b = calloc(1, sizeof(*b));
	int status;

	(void)command;
	if (b == NULL) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	if (type != NULL && options->is_all) {
		cli_error("browse takes a type or -a, not both");
		free(b);
		return CLI_USAGE;
	}
	b->lines = (struct service_lines){options->is_parsable, options->is_resolved,
					  options->is_no_lookup, cli_table_terminal(stdout)};
	status = service_open(&b->s, options);
	if (status == CLI_OK) {
		status = type == NULL && !options->is_all ? service_listing(&b->s)
			 : options->is_terminated	  ? once_run(b, type)
							  : follow_run(b, type);
		service_close(&b->s);
	}
	free(b);
	return status;
}
