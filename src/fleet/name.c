/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/name.h"

#include <string.h>
#include <strings.h>

#include "cli/text.h"
#include "dnssd/kind.h"

const char *fleet_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
			       const uint8_t *zone)
{
	unsigned nlabels;

	if (!dns_name_relative(name, zone, &nlabels) || nlabels == 0)
		nlabels = dns_name_labels(name);
	dns_name_labels_to_text(out, name, nlabels);
	return out;
}

const char *fleet_name_node_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
				    const uint8_t *zone)
{
	unsigned nlabels;

	if (dnssd_kind_of(name, zone) != DNSSD_NODE || !dns_name_relative(name, zone, &nlabels))
		return fleet_name_to_text(out, name, zone);
	dns_name_labels_to_text(out, name, nlabels - 1);
	return out;
}

bool fleet_name_has_label(const uint8_t *name, const char *text)
{
	return strlen(text) == name[0] && strncasecmp((const char *)name + 1, text, name[0]) == 0;
}

json_t *fleet_name_to_json(const uint8_t *name, const uint8_t *zone)
{
	char text[DNS_NAME_TEXT_MAX];

	return name == NULL ? json_null() : json_string(fleet_name_to_text(text, name, zone));
}

json_t *fleet_name_node_to_json(const uint8_t *name, const uint8_t *zone)
{
	char text[DNS_NAME_TEXT_MAX];

	return name == NULL ? json_null() : json_string(fleet_name_node_to_text(text, name, zone));
}

json_t *fleet_name_text_to_json(const char *text)
{
	return text == NULL ? json_null() : cli_text_to_json(text, strlen(text));
}
