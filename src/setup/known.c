/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/known.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "locate/locate.h"

enum { LIMIT_S = 5 };

static const char resolv_conf[] = "/etc/resolv.conf";

/* What locate finds. */
struct known {
	struct resolve_events events;
	struct locate *locate;
	struct locate_waiter waiter;
	bool is_known;
};

static void on_known(void *arg, int error, uint64_t now_ms)
{
	struct known *k = arg;

	(void)error;
	(void)now_ms;
	k->is_known = true;
}

/* Waits until registries are known, or are known to be none. */
static void known_wait(struct known *k, uint64_t limit_ms)
{
	uint64_t now_ms = base_clock_steady_us() / 1000, end_ms = now_ms + limit_ms;

	k->waiter = (struct locate_waiter){.on_known = on_known, .arg = k};
	locate_wait(k->locate, &k->waiter);
	while (!k->is_known && now_ms < end_ms) {
		struct pollfd waits = {.fd = k->events.fd, .events = POLLIN};
		uint64_t due_ms = resolve_events_deadline(&k->events);

		due_ms = due_ms < end_ms ? due_ms : end_ms;
		poll(&waits, 1, due_ms > now_ms ? (int)(due_ms - now_ms) : 0);
		now_ms = base_clock_steady_us() / 1000;
		resolve_events_run(&k->events, now_ms);
	}
	locate_wait_end(k->locate, &k->waiter);
}

static int domain_add(struct setup_wish *w, const struct known *k)
{
	char text[DNS_NAME_TEXT_MAX], why[SETUP_WHY_MAX];

	if (locate_domain(k->locate)[0] == 0) {
		cli_error("no domain is known; name it with --domain");
		return CLI_USAGE;
	}
	dns_name_to_text(text, locate_domain(k->locate));
	if (setup_wish_add_zone(w, text, why) == 0)
		return CLI_OK;
	cli_error("the domain of this host: %s", why);
	return CLI_FAILURE;
}

static int registries_add(struct setup_wish *w, struct known *k, uint64_t limit_ms)
{
	const struct locate_registry *all;
	size_t n;

	known_wait(k, limit_ms);
	all = locate_registries(k->locate, &n);
	for (size_t i = 0; i < n && w->nregistries < SETUP_REGISTRIES_MAX; i++) {
		/* It would ask itself. */
		if (strcmp(all[i].source, resolv_conf) == 0)
			continue;
		if (all[i].transport == LOCATE_TLS) {
			cli_error("a resolver is not made to ask a registry over TLS; name its "
				  "port of UDP and TCP with --registry ADDRESS[@PORT]");
			return CLI_FAILURE;
		}
		w->registries[w->nregistries++] = all[i].endpoint.address;
	}
	if (w->nregistries > 0)
		return CLI_OK;
	cli_error("no registry is known; name it with --registry ADDRESS[@PORT]");
	return CLI_NO_SERVER;
}

static int wish_complete(struct setup_wish *w, const struct cli_options *o, struct known *k)
{
	uint64_t limit_s = (uint64_t)(o->has_limit ? o->limit_s : LIMIT_S);
	int status = o->domain == NULL ? domain_add(w, k) : CLI_OK;

	if (status == CLI_OK && !o->is_remove && w->nregistries == 0)
		status = registries_add(w, k, limit_s * 1000);
	return status;
}

int setup_known_add(struct setup_wish *w, const struct cli_options *options)
{
	const struct locate_settings settings = {
		.registry = options->registry,
		.domain = options->domain,
		.config = options->config,
	};
	struct base_error error = {0};
	struct known k = {0};
	int status = CLI_FAILURE, ret = resolve_events_init(&k.events);

	if (ret == 0) {
		ret = locate_new(&k.locate, &k.events, &settings, &error);
		if (ret == 0)
			status = wish_complete(w, options, &k);
		locate_free(k.locate);
		resolve_events_fini(&k.events);
	}
	if (ret == 0)
		return status;
	cli_error("%s", error.text[0] != '\0' ? error.text : strerror(-ret));
	return ret == -EINVAL ? CLI_USAGE : CLI_FAILURE;
}
