/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/complete.h"

#include "cli/cli.h"
#include "cli/error.h"
#include "setup/known.h"

enum { LIMIT_S = 5 };

static int domain_add(struct setup_wish *w, const struct setup_known *k)
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

static int registries_add(struct setup_wish *w, const struct cli_options *o, struct setup_known *k)
{
	const struct locate_registry *all;
	char text[DNS_NAME_TEXT_MAX], why[SETUP_WHY_MAX];
	const char *missing;
	size_t n;

	setup_known_wait(k, (uint64_t)(o->has_limit ? o->limit_s : LIMIT_S) * 1000);
	missing = o->registry != NULL ? setup_known_missing(k, o->registry, text) : NULL;
	if (missing != NULL) {
		cli_error("--registry: no address of its own is found for the host \"%s\"; name "
			  "addresses, or see whether this host's resolver finds it",
			  missing);
		return CLI_NO_SERVER;
	}
	all = locate_registries(k->locate, &n);
	for (size_t i = 0; i < n; i++) {
		if (setup_known_is_resolver(&all[i]))
			continue;
		if (all[i].transport == LOCATE_TLS) {
			cli_error("a resolver is not made to ask a registry over TLS; name its "
				  "port of UDP and TCP with --registry ADDRESS[@PORT]");
			return CLI_FAILURE;
		}
		if (setup_wish_add_registry(w, &all[i].endpoint.address, all[i].host, why) != 0) {
			cli_error("%s: %s", all[i].source, why);
			return CLI_FAILURE;
		}
	}
	if (w->nregistries > 0)
		return CLI_OK;
	cli_error("no registry is known; name it with --registry ADDRESS[@PORT]");
	return CLI_NO_SERVER;
}

int setup_wish_complete(struct setup_wish *w, const struct cli_options *options)
{
	struct setup_known k;
	int status = setup_known_init(&k, options);

	if (status != CLI_OK)
		return status;
	if (w->nzones == 0)
		status = domain_add(w, &k);
	if (status == CLI_OK && !options->is_remove)
		status = registries_add(w, options, &k);
	setup_known_fini(&k);
	return status;
}
