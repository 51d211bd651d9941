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
#include "service/loop.h"
#include "service/show.h"
#include "service/types.h"

enum {
	TYPES_MOST = 256,	/* that are followed by -a */
	TYPES_EVERY_MS = 30000, /* how often -a looks for new ones */
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
};

/* ---- the types there are ---- */

/* Finds the types of the domain. Returns an exit status, after a message if there are none. */
static int types_find(const struct browse *b, struct weft_instances **out)
{
	int error = weft_find_types(b->s.w, NULL, service_timeout_ms(&b->s, FIRST_MS), out);

	if (error == WEFT_E_NOT_FOUND) {
		*out = NULL;
		return service_fail_why(&b->s, error, "service types",
					"there are none in this domain, which --domain sets");
	}
	if (error != WEFT_OK)
		return service_fail(&b->s, error, "service types");
	service_report_registries(&b->s);
	return CLI_OK;
}

/* The type of what weft_find_types() lists, which has it as its name. */
static void type_split(const struct weft_instance *i, char *type, size_t size, const char **domain)
{
	const char *name = weft_instance_name(i), *dot = strchr(name, '.');

	dot = dot != NULL ? strchr(dot + 1, '.') : NULL;
	*domain = dot != NULL ? dot + 1 : "";
	snprintf(type, size, "%.*s", dot != NULL ? (int)(dot - name) : (int)strlen(name), name);
}

static int types_table(const struct weft_instances *found)
{
	struct cli_table *t = cli_table_new(3);
	int ret = t != NULL ? 0 : -1;
	char type[256];

	for (size_t i = 0; ret == 0 && i < weft_instances_count(found); i++) {
		const char *cells[] = {type, NULL, NULL};

		type_split(weft_instances_get(found, i), type, sizeof(type), &cells[2]);
		cells[1] = service_types_name(type);
		ret = cli_table_add(t, cells);
	}
	if (ret == 0) {
		cli_table_column(t, 0, "type", false);
		cli_table_column(t, 1, "for", false);
		cli_table_column(t, 2, "domain", false);
		cli_table_write(t, stdout, cli_table_terminal(stdout), 0);
	}
	cli_table_free(t);
	return ret;
}

static void types_json(const struct weft_instances *found)
{
	json_t *list = json_array();
	char type[256];

	for (size_t i = 0; i < weft_instances_count(found); i++) {
		const char *domain;

		type_split(weft_instances_get(found, i), type, sizeof(type), &domain);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "type", type, "for",
						      service_types_name(type), "domain", domain));
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

static int types_list(struct browse *b)
{
	struct weft_instances *found;
	int status = types_find(b, &found), ret = 0;
	char type[256];

	if (status != CLI_OK)
		return status;
	if (b->s.options->is_json)
		types_json(found);
	else if (!b->lines.is_parsable)
		ret = types_table(found);
	for (size_t i = 0; b->lines.is_parsable && i < weft_instances_count(found); i++) {
		const char *domain;

		type_split(weft_instances_get(found, i), type, sizeof(type), &domain);
		printf("+;-;-;%s;%.*s\n", type, (int)strlen(domain) - 1, domain);
	}
	weft_instances_free(found);
	if (ret < 0) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	return service_flush(NULL);
}

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
	int status = service_find(&b->s, type, is_silent, &found);

	if (status != CLI_OK)
		return status;
	status = found_add(b, found);
	weft_instances_free(found);
	return status;
}

static int all_find(struct browse *b)
{
	struct weft_instances *types;
	int status = types_find(b, &types);

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
	if (event == WEFT_WATCH_LOST)
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

/* Follows the types that are new. */
static int types_follow(struct browse *b)
{
	struct weft_instances *types;
	int status;

	if (b->ntypes > 0 && weft_find_types(b->s.w, NULL, FIRST_MS, &types) != WEFT_OK)
		return CLI_OK;
	status = b->ntypes > 0 ? CLI_OK : types_find(b, &types);
	if (status != CLI_OK)
		return status;
	for (size_t i = 0; status == CLI_OK && i < weft_instances_count(types); i++)
		status = type_follow(b, weft_instance_name(weft_instances_get(types, i)));
	weft_instances_free(types);
	return status;
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
static int changes_show(struct browse *b, bool has_all_types)
{
	uint64_t begin_ms = service_now_ms(), listed_ms = begin_ms;
	uint64_t first_ms = (uint64_t)service_timeout_ms(&b->s, FIRST_MS);
	struct service_loop loop;
	bool is_unread = false;
	int status = service_loop_begin(&loop, &b->s, false);

	if (status != CLI_OK)
		return status;
	loop.is_reader_watched = true;
	while (status == CLI_OK && service_loop_turn(&loop, 1000) == SERVICE_LOOP_NOTHING) {
		uint64_t now_ms = service_now_ms();

		status = service_flush(&is_unread);
		if (status != CLI_OK || is_unread)
			break;
		if (has_all_types && now_ms >= listed_ms + TYPES_EVERY_MS) {
			status = types_follow(b);
			listed_ms = now_ms;
		}
		if (now_ms >= begin_ms + first_ms && first_ms > 0 && !is_any_current(b))
			status = service_fail_why(&b->s, WEFT_E_NO_REGISTRY, "",
						  "no registry answers");
		else if (is_any_current(b))
			first_ms = 0;
	}
	service_loop_end(&loop);
	return status;
}

static int follow_run(struct browse *b, const char *type)
{
	int status = type != NULL ? type_follow(b, type) : types_follow(b);

	if (status == CLI_OK)
		status = changes_show(b, type == NULL);
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
		status = type == NULL && !options->is_all ? types_list(b)
			 : options->is_terminated	  ? once_run(b, type)
							  : follow_run(b, type);
		service_close(&b->s);
	}
	free(b);
	return status;
}

/* ---- resolve ---- */

static int resolved_show(const struct service *s, const char *name,
			 const struct weft_instances *found)
{
	size_t n = weft_instances_count(found);
	const struct weft_instance **all = calloc(n, sizeof(*all));
	json_t *list = json_array(), *object;
	int ret = 0;

	if (all == NULL || list == NULL) {
		cli_error("out of memory");
		free(all);
		json_decref(list);
		return CLI_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		all[i] = weft_instances_get(found, i);
	for (size_t i = 0; s->options->is_json && i < n; i++)
		json_array_append_new(list, service_show_json(all[i]));
	object = json_pack("{s:s, s:b, s:O}", "name", name, "stale",
			   weft_instances_are_stale(found), "instances", list);
	if (s->options->is_json) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		ret = service_show_table(stdout, all, n);
	}
	json_decref(object);
	json_decref(list);
	free(all);
	if (ret == 0)
		return service_flush(NULL);
	cli_error("out of memory");
	return CLI_FAILURE;
}

int service_resolve(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	struct weft_instances *found;
	struct service s;
	int status = service_open(&s, options);

	(void)command;
	(void)nargs;
	if (status != CLI_OK)
		return status;
	status = service_find(&s, args[0], false, &found);
	if (status == CLI_OK) {
		status = resolved_show(&s, args[0], found);
		weft_instances_free(found);
	}
	service_close(&s);
	return status;
}
