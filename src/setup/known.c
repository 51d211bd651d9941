/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/known.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "locate/list.h"

enum {
	LIMIT_MS = 10000,	 /* without --timeout */
	FOREVER_MS = 1000000000, /* of --timeout 0: as long as the longest that may be given */
};

int setup_known_init(struct setup_known *k, const struct cli_options *options)
{
	const struct locate_settings settings = {
		.registry = options->registry,
		.domain = options->domain,
		.config = options->config,
		.key_file = options->key_file,
	};
	struct base_error error = {0};
	int ret;

	*k = (struct setup_known){0};
	ret = resolve_events_init(&k->events);
	if (ret == 0) {
		ret = locate_new(&k->locate, &k->events, &settings, &error);
		if (ret == 0)
			return CLI_OK;
		resolve_events_fini(&k->events);
	}
	cli_error("%s", error.text[0] != '\0' ? error.text : strerror(-ret));
	return ret == -EINVAL ? CLI_USAGE : CLI_FAILURE;
}

/* Writes the name of the fabric's zone. Returns an exit status, after a message unless it is
 * CLI_OK. */
static int zone_find(const struct setup_known *k, const struct cli_options *options,
		     uint8_t out[static DNS_NAME_MAX])
{
	const struct dns_tsig_key *key = locate_key(k->locate);
	const uint8_t *zone = locate_domain(k->locate);

	if (options->domain != NULL) {
		if (dns_name_from_text(out, options->domain, strlen(options->domain), NULL) > 0)
			return CLI_OK;
		cli_error("invalid --domain \"%s\"", options->domain);
		return CLI_USAGE;
	}
	if (key != NULL && dns_name_labels(key->name) > 2 &&
	    memcmp(dns_name_strip(key->name, 1), "\4keys", 5) == 0)
		zone = dns_name_strip(key->name, 2);
	if (zone[0] == 0) {
		cli_error("no zone is known; give a fabric's key with --key-file or "
			  "WEFT_KEY_FILE, or the zone with --domain, or set both in client.conf");
		return CLI_USAGE;
	}
	memcpy(out, zone, dns_name_nbytes(zone));
	return CLI_OK;
}

int setup_known_init_zone(struct setup_known *k, const struct cli_options *options,
			  uint8_t zone[static DNS_NAME_MAX])
{
	int status = setup_known_init(k, options);

	if (status != CLI_OK)
		return status;
	status = zone_find(k, options, zone);
	if (status != CLI_OK)
		setup_known_fini(k);
	return status;
}

void setup_known_fini(struct setup_known *k)
{
	locate_free(k->locate);
	resolve_events_fini(&k->events);
}

static void on_known(void *arg, int error, uint64_t now_ms)
{
	struct setup_known *k = arg;

	(void)error;
	(void)now_ms;
	k->is_known = true;
}

void setup_known_wait(struct setup_known *k, uint64_t limit_ms)
{
	uint64_t now_ms = base_clock_steady_us() / 1000, end_ms = now_ms + limit_ms;

	k->waiter = (struct locate_waiter){.on_known = on_known, .arg = k};
	locate_wait(k->locate, &k->waiter);
	while (!k->is_known && now_ms < end_ms)
		now_ms = resolve_events_wait(&k->events, end_ms);
	locate_wait_end(k->locate, &k->waiter);
}

uint32_t setup_known_limit_ms(const struct cli_options *options)
{
	if (!options->has_limit)
		return LIMIT_MS;
	return options->limit_s > 0 ? (uint32_t)options->limit_s * 1000 : FOREVER_MS;
}

int setup_known_status(int error)
{
	return error == -ENOENT || error == -ETIMEDOUT || error == -EHOSTUNREACH ? CLI_NO_SERVER
										 : CLI_FAILURE;
}

bool setup_known_is_resolver(const struct locate_registry *r)
{
	return strcmp(r->source, "/etc/resolv.conf") == 0;
}

const char *setup_known_missing(const struct setup_known *k, const char *list,
				char out[static DNS_NAME_TEXT_MAX])
{
	struct locate_list items;
	struct base_error error;
	size_t n, at;
	const struct locate_registry *all = locate_registries(k->locate, &n);

	if (locate_list_parse(&items, list, &error) != 0)
		return NULL;
	for (size_t i = 0; i < items.n; i++) {
		if (items.items[i].host[0] == 0)
			continue;
		out[dns_name_to_text(out, items.items[i].host) - 1] = '\0';
		for (at = 0; at < n && strcasecmp(all[at].host, out) != 0; at++)
			;
		if (at == n)
			return out;
	}
	return NULL;
}
