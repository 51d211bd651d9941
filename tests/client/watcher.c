/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* watcher - prints the events of watches (follow/watch.h), a line each, until standard input ends.
 *
 *	watcher [-k PUBLIC-KEY] [-a] REGISTRIES NAME...
 *
 * A line has the event, the name, and of an instance: its name, target, port, addresses, state and
 * `changed` or not, with tabs between. After each event it holds what follow_watch_instances has
 * against the events so far. -a: each watch is freed within its first CURRENT, and made again
 * there. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/secret.h"
#include "follow/watch.h"
#include "run.h"

enum { WATCHES_MAX = 16 };

/* One name, and how many instances its events amount to. */
struct one {
	const char *text;
	struct find_name name;
	struct follow_watch *watch;
	size_t n;
	bool is_again;
};

static struct follow *follower;
static bool has_again;

static const char *const event_names[] = {
	[FOLLOW_WATCH_ADDED] = "added",	      [FOLLOW_WATCH_CHANGED] = "changed",
	[FOLLOW_WATCH_REMOVED] = "removed",   [FOLLOW_WATCH_MOVED] = "moved",
	[FOLLOW_WATCH_DRAINING] = "draining", [FOLLOW_WATCH_CURRENT] = "current",
	[FOLLOW_WATCH_LOST] = "lost",
};

/* Ends the program where the set is not what was reported. */
static void set_check(struct one *one, enum follow_watch_event event,
		      const struct find_instance *now)
{
	size_t n, nfound = 0;
	struct find_instance *const *all = follow_watch_instances(one->watch, &n);

	one->n += event == FOLLOW_WATCH_ADDED;
	one->n -= event == FOLLOW_WATCH_REMOVED;
	for (size_t i = 0; i < n; i++)
		nfound += all[i] == now;
	assert(n == one->n);
	assert(now == NULL || nfound == (event != FOLLOW_WATCH_REMOVED));
}

static void instance_print(const struct find_instance *i, const struct find_instance *before)
{
	char text[BASE_ADDRESS_TEXT_MAX];

	printf("\t%s\t%s\t%u\t", i->name_text, i->target_text, i->port);
	for (size_t k = 0; k < i->naddresses; k++)
		printf("%s%s", k > 0 ? "," : "",
		       base_address_to_text(text, (const struct sockaddr *)&i->addresses[k]));
	printf("\t%s\t%s\t%u", dnssd_state_text(i->state),
	       before != NULL ? before->target_text : "", i->ttl_s);
}

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before);

static void watch(struct one *one)
{
	one->n = 0;
	if (follow_watch_new(&one->watch, follower, &one->name, on_event, one) < 0)
		abort();
}

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	struct one *one = arg;

	set_check(one, event, now);
	printf("%s\t%s", event_names[event], one->text);
	if (now != NULL)
		instance_print(now, before);
	else
		printf("\t%s", follow_watch_is_pushed(one->watch) ? "pushed" : "polled");
	printf("\n");
	fflush(stdout);
	if (!has_again || one->is_again || event != FOLLOW_WATCH_CURRENT)
		return;
	one->is_again = true;
	follow_watch_free(one->watch);
	watch(one);
}

int main(int argc, char **argv)
{
	struct locate_settings settings = {.config = ""};
	struct one all[WATCHES_MAX] = {0};
	char why[FIND_NAME_WHY_MAX];
	struct resolve_events events;
	struct base_error error;
	struct locate *locate;
	size_t n = 0;
	int option;

	while ((option = getopt(argc, argv, "k:a")) != -1)
		if (option == 'k')
			settings.public_key = optarg;
		else
			has_again = true;
	settings.registry = argv[optind++];
	base_secret_start();
	if (resolve_events_init(&events) < 0 ||
	    locate_new(&locate, &events, &settings, &error) < 0 ||
	    follow_new(&follower, &events, locate) < 0)
		return 2;
	for (; optind < argc && n < WATCHES_MAX; optind++, n++) {
		all[n].text = argv[optind];
		if (find_name_from_text(&all[n].name, argv[optind], locate_domain(locate), why) < 0)
			return 2;
		watch(&all[n]);
	}
	run_until_input(&events);
	for (size_t i = 0; i < n; i++)
		follow_watch_free(all[i].watch);
	follow_free(follower);
	locate_free(locate);
	resolve_events_fini(&events);
	return 0;
}
