/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/known.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "resolve/conf.h"

int setup_known_add(struct setup_wish *w, const struct cli_options *options)
{
	const char *registry = getenv("WEFT_REGISTRY");
	char text[DNS_NAME_TEXT_MAX], why[SETUP_WHY_MAX];
	struct resolve_conf conf;

	if (options->domain == NULL) {
		if (resolve_conf_read(&conf, "/etc/resolv.conf") != 0 || conf.search[0] == 0) {
			cli_error("no domain is known; name it with --domain");
			return CLI_USAGE;
		}
		dns_name_to_text(text, conf.search);
		if (setup_wish_add_zone(w, text, why) != 0) {
			cli_error("the domain of /etc/resolv.conf: %s", why);
			return CLI_FAILURE;
		}
	}
	if (options->registry != NULL || options->is_remove)
		return CLI_OK;
	if (registry == NULL || registry[0] == '\0') {
		cli_error("no registry is known; name it with --registry ADDRESS[@PORT]");
		return CLI_NO_SERVER;
	}
	if (setup_wish_add_registries(w, registry, why) == 0)
		return CLI_OK;
	cli_error("WEFT_REGISTRY: %s", why);
	return CLI_USAGE;
}
