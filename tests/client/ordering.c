/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ordering - prints what a node has to run (assign/assign.h), and where services are that it uses
 * (depend/depend.h), a line each, until standard input ends.
 *
 *	ordering REGISTRIES ZONE NODE FOLDER [NAME TYPE]...
 *
 * FOLDER has the copies; `-`: there are none. NAME and TYPE are used services. A line is one of
 *
 *	order LABEL TYPE saved|zone new|same|changed|none CFG VER PORT ENVIRONMENT WHY
 *	withdrawn LABEL
 *	current
 *	uses NAME HOST:PORT|- INSTANCE|-
 *	report FILE TEXT
 *
 * with tabs between; ENVIRONMENT is NAME=VALUE with commas between. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assign/assign.h"
#include "base/secret.h"
#include "depend/depend.h"
#include "dnssd/fabric_name.h"
#include "run.h"

enum { USES_MAX = 16 };

static struct assign *assign;

static const char *change_of(const struct assign_order *now, const struct spec_service *before)
{
	if (now->spec == NULL)
		return "none";
	if (before == NULL)
		return "new";
	return before == now->spec ? "same" : "changed";
}

static void on_order(void *arg, const struct assign_order *now, const struct spec_service *before)
{
	(void)arg;
	if (assign_get(assign, now->name) != now)
		abort();
	printf("order\t%s\t%s\t%s\t%s\t%s\t%s\t%u\t", now->label, now->type,
	       now->is_saved ? "saved" : "zone", change_of(now, before), now->cfg, now->ver,
	       now->spec != NULL ? now->spec->port : 0);
	for (size_t i = 0; now->spec != NULL && i < now->spec->environment.count; i++)
		printf("%s%s=%.40s", i > 0 ? "," : "", now->spec->environment.items[i].name,
		       now->spec->environment.items[i].value);
	printf("\t%s\n", now->why);
	fflush(stdout);
}

static void on_withdrawn(void *arg, const struct assign_order *last)
{
	(void)arg;
	if (assign_get(assign, last->name) != NULL)
		abort();
	printf("withdrawn\t%s\n", last->label);
	fflush(stdout);
}

static void on_current(void *arg)
{
	(void)arg;
	printf("current\n");
	fflush(stdout);
}

static void on_change(void *arg, const char *host_port, const uint8_t *instance)
{
	const char *const *name = arg;
	char text[DNS_NAME_TEXT_MAX] = "-";

	if (instance != NULL)
		dns_name_to_text(text, instance);
	printf("uses\t%s\t%s\t%s\n", *name, host_port != NULL ? host_port : "-", text);
	fflush(stdout);
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	printf("report\t%s\t%s\n", error->at.file != NULL ? error->at.file : "-", error->text);
	fflush(stdout);
}

static void assign_begin(struct follow *follow, const uint8_t *zone, const char *node,
			 const char *folder)
{
	static const struct assign_events events = {on_order, on_withdrawn, on_current};
	uint8_t owner[DNS_NAME_MAX];
	struct assign_settings settings = {
		.node = owner,
		.zone = zone,
		.folder = strcmp(folder, "-") != 0 ? folder : NULL,
		.report = on_report,
	};
	struct base_error error;

	if (dnssd_fabric_name_node(owner, node, zone) == 0)
		exit(2);
	if (assign_new(&assign, follow, &settings, &events, NULL, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	if (assign_start(assign) < 0)
		exit(1);
	printf("started\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct locate_settings settings = {.config = ""};
	struct depend *uses[USES_MAX];
	struct resolve_events events;
	struct base_error error;
	struct follow *follow;
	struct locate *locate;
	uint8_t zone[DNS_NAME_MAX];
	size_t n = 0;

	if (argc < 5 || dns_name_from_text(zone, argv[2], strlen(argv[2]), NULL) == 0)
		return 2;
	settings.registry = argv[1];
	base_secret_start();
	if (resolve_events_init(&events) < 0 ||
	    locate_new(&locate, &events, &settings, &error) < 0 ||
	    follow_new(&follow, &events, locate) < 0)
		return 2;
	follow_set_eager(follow);
	assign_begin(follow, zone, argv[3], argv[4]);
	for (int i = 5; i + 1 < argc && n < USES_MAX; i += 2, n++)
		if (depend_new(&uses[n], follow, zone, argv[i], argv[i + 1], on_change, &argv[i]) <
		    0)
			return 2;
	run_until_input(&events);
	for (size_t i = 0; i < n; i++)
		depend_free(uses[i]);
	assign_free(assign);
	follow_free(follow);
	locate_free(locate);
	resolve_events_fini(&events);
	return 0;
}
