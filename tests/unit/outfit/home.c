/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "outfit/ports.h"

static void on_open(void *arg, struct outfit *o, const struct base_error *error)
{
	struct home *home = arg;

	(void)o;
	home->nopens++;
	home->refusal = error != NULL ? *error : (struct base_error){0};
}

static void on_starting(void *arg, struct outfit *o)
{
	struct home *home = arg;

	home->nstarts++;
	if (!home->is_counting)
		return;
	home->facts.inc++;
	home->facts.must_restore = home->nstarts > 1;
	assert_int_equal(outfit_refresh(o, &home->facts), 0);
}

static void on_state(void *arg, struct outfit *o, enum supervise_unit_state old)
{
	struct home *home = arg;
	struct supervise_unit_view view;
	size_t n = strlen(home->history);

	(void)old;
	supervise_unit_get(outfit_unit(o), &view);
	snprintf(home->history + n, sizeof(home->history) - n, "%s ",
		 supervise_unit_state_to_text(view.state));
}

static void on_action(void *arg, struct outfit *o, const char *reason)
{
	struct home *home = arg;

	(void)o;
	home->nactions++;
	snprintf(home->action, sizeof(home->action), "%s", reason != NULL ? reason : "");
}

static const struct outfit_events events = {
	.on_open = on_open,
	.on_starting = on_starting,
	.on_state = on_state,
	.on_action = on_action,
};

void home_make(struct home *home, struct bench *bench, bool has_groups)
{
	memset(home, 0, sizeof(*home));
	home->bench = bench;
	kit_setup(&home->kit);
	bench_host(bench, has_groups);
	snprintf(home->folder, sizeof(home->folder), "%s/instances", bench->folder);
	snprintf(home->logs, sizeof(home->logs), "%s/logs", bench->folder);
	home->node = (struct outfit_node){
		.name = "n1",
		.registry = "192.0.2.1@53",
		.key_file = "/etc/weft/n1.key",
		.folder = home->folder,
		.log_folder = home->logs,
		.host = bench->host,
	};
	assert_int_equal(chmod(bench->folder, 0755), 0);
	assert_int_equal(outfit_ports_new(&home->node.ports), 0);
	home->facts = (struct outfit_facts){.id = "id-1", .label = "web-1", .inc = 7};
}

void home_end(struct home *home)
{
	outfit_close(home->outfit);
	outfit_ports_free(home->node.ports);
	kit_teardown(&home->kit);
	bench_host_close(home->bench);
}

struct spec_service *home_service(struct home *home, const char *json)
{
	struct spec_service *s = kit_service(&home->kit, json);

	if (s == NULL)
		fail_msg("%s", home->kit.reports);
	return s;
}

static bool is_opened(void *arg)
{
	return ((struct home *)arg)->nopens > 0;
}

void home_try(struct home *home, const char *json)
{
	struct base_error error;

	home->nopens = 0;
	if (outfit_new(&home->outfit, &home->node, home_service(home, json), &home->facts, &events,
		       home, &error) < 0)
		fail_msg("%s", error.text);
	assert_null(outfit_unit(home->outfit));
	bench_wait_for(home->bench, is_opened, home);
}

void home_open(struct home *home, const char *json)
{
	home_try(home, json);
	if (home->refusal.code != 0)
		fail_msg("%s", home->refusal.text);
}

void home_apply(struct home *home, const char *json)
{
	struct base_error error;

	home->nopens = 0;
	if (outfit_apply(home->outfit, home_service(home, json), &error) < 0)
		fail_msg("%s", error.text);
	bench_wait_for(home->bench, is_opened, home);
}

struct supervise_unit_view home_view(const struct home *home)
{
	struct supervise_unit_view view;

	supervise_unit_get(outfit_unit(home->outfit), &view);
	return view;
}

static bool is_reached(void *arg)
{
	struct home *home = arg;
	struct supervise_unit_view view = home_view(home);

	if (view.state == SUPERVISE_UNIT_FAILED && home->wanted != SUPERVISE_UNIT_FAILED)
		fail_msg("failed: %s", view.reason);
	return view.state == home->wanted;
}

void home_reach(struct home *home, enum supervise_unit_state wanted)
{
	home->wanted = wanted;
	bench_wait_for(home->bench, is_reached, home);
}

void home_start(struct home *home)
{
	supervise_unit_start(outfit_unit(home->outfit));
	home_reach(home, SUPERVISE_UNIT_UP);
}

void home_stop(struct home *home)
{
	supervise_unit_stop(outfit_unit(home->outfit));
	home_reach(home, SUPERVISE_UNIT_STOPPED);
	home_end(home);
}

const char *home_read(const struct home *home, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "instances/%s/%s", outfit_name(home->outfit), name);
	return bench_read(home->bench, path);
}

struct waiting {
	struct home *home;
	const char *name;
};

static bool has_file(void *arg)
{
	struct waiting *waiting = arg;

	return home_read(waiting->home, waiting->name)[0] != '\0';
}

void home_wait_file(struct home *home, const char *name)
{
	struct waiting waiting = {home, name};

	bench_wait_for(home->bench, has_file, &waiting);
}
