/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/argument.h"

#include <string.h>

#include "control/server.h"
#include "daemon/daemon.h"
#include "dns/name.h"
#include "hosting/hosting.h"
#include "settings/settings.h"

struct hosting_zone *command_argument_hosted(const struct daemon *d,
					     struct control_request *request, size_t i)
{
	const char *text = control_request_arg(request, i);
	uint8_t name[DNS_NAME_MAX];
	struct hosting_zone *h = NULL;

	if (dns_name_from_text(name, text, strlen(text), NULL) > 0)
		h = hosting_find(&d->zones, name);
	if (h != NULL && !h->is_purging)
		return h;
	control_request_fail(request, "%s is not a zone of this weftd", text);
	return NULL;
}

const struct settings_zone *command_argument_zone(const struct daemon *d, const uint8_t *name)
{
	const struct settings_zone *z = NULL;

	for (; z == NULL && name[0] != 0; name = dns_name_strip(name, 1))
		z = settings_zone_find(d->config, name);
	return z;
}
