/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/settings.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "service/context.h"

enum { LEASE_MIN_S = 5, LEASE_MAX_S = 7 * 86400, NUMBER_MAX = 65535 };

/* Reads a number of an option or argument, `least` or more. Returns -1 after a message. */
static int number_parse(const char *what, const char *text, int least)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && isdigit((unsigned char)*text) &&
	    number >= (unsigned long)least && number <= NUMBER_MAX)
		return (int)number;
	cli_error("invalid %s \"%s\": expected a number from %d to %d", what, text, least,
		  NUMBER_MAX);
	return -1;
}

/* Adds `key=value` or `key`. */
static int pair_add(struct weft_registration *r, const char *pair)
{
	const char *equals = strchr(pair, '=');
	char *key = equals != NULL ? strndup(pair, (size_t)(equals - pair)) : strdup(pair);
	int error = WEFT_E_MEMORY;

	if (key != NULL)
		error = weft_registration_set_txt(r, key, equals != NULL ? equals + 1 : NULL,
						  equals != NULL ? strlen(equals + 1) : 0);
	free(key);
	return error;
}

static int subtypes_add(struct weft_registration *r, const char *list)
{
	int error = WEFT_OK;

	while (error == WEFT_OK && *list != '\0') {
		size_t n = strcspn(list, ",");
		char *subtype = strndup(list, n);

		error = subtype != NULL ? weft_registration_add_subtype(r, subtype) : WEFT_E_MEMORY;
		free(subtype);
		list += n + (list[n] == ',');
	}
	return error;
}

static bool is_address(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

/* Returns whether all are addresses, after a message if one is not. */
static bool addresses_check(const struct cli_options *options)
{
	for (unsigned i = 0; i < options->naddresses; i++) {
		const char *text = options->addresses[i];

		if (is_address(text))
			continue;
		cli_error("invalid address \"%s\": expected one of IPv4 or IPv6, such as 192.0.2.1",
			  text);
		return false;
	}
	return true;
}

static int addresses_set(struct weft_registration *r, const struct cli_options *options)
{
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);
	int error;

	if (out == NULL)
		return WEFT_E_MEMORY;
	for (unsigned i = 0; i < options->naddresses; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", options->addresses[i]);
	error = fclose(out) == 0 ? weft_registration_set_addresses(r, text) : WEFT_E_MEMORY;
	free(text);
	return error;
}

int service_settings_common(const struct service *s, struct weft_registration *r)
{
	const struct cli_options *options = s->options;
	int error = WEFT_OK;
	uint64_t lease_s;

	if (options->lease != NULL) {
		if (!cli_form_duration_parse(&lease_s, "lease", options->lease, LEASE_MIN_S,
					     LEASE_MAX_S))
			return CLI_USAGE;
		error = weft_registration_set_lease(r, (uint32_t)lease_s);
	}
	if (!addresses_check(options))
		return CLI_USAGE;
	if (error == WEFT_OK && options->naddresses > 0)
		error = addresses_set(r, options);
	return error == WEFT_OK ? CLI_OK : service_fail(s, error, "");
}

/* Reads --priority and --weight. Returns CLI_OK, or CLI_USAGE after a message. */
static int srv_set(const struct service *s, struct weft_registration *r)
{
	const struct cli_options *options = s->options;
	int priority =
		options->priority != NULL ? number_parse("priority", options->priority, 0) : 0;
	int weight = options->weight != NULL ? number_parse("weight", options->weight, 0) : 0;

	if (priority < 0 || weight < 0)
		return CLI_USAGE;
	weft_registration_set_srv(r, (uint16_t)priority, (uint16_t)weight);
	return CLI_OK;
}

int service_settings_all(const struct service *s, struct weft_registration *r, int npairs,
			 char **pairs)
{
	const struct cli_options *options = s->options;
	int error = WEFT_OK, status = srv_set(s, r);

	if (status == CLI_OK)
		status = service_settings_common(s, r);
	if (status != CLI_OK)
		return status;
	for (int i = 0; i < npairs; i++) {
		error = pair_add(r, pairs[i]);
		if (error != WEFT_OK)
			return service_fail(s, error, pairs[i]);
	}
	if (options->host != NULL && is_address(options->host)) {
		cli_error("--host %s is an address: it is given by --address", options->host);
		return CLI_USAGE;
	}
	if (options->id != NULL)
		error = weft_registration_set_id(r, options->id);
	if (error == WEFT_OK && options->host != NULL)
		error = weft_registration_set_host(r, options->host);
	if (error == WEFT_OK && options->subtype != NULL)
		error = subtypes_add(r, options->subtype);
	if (error == WEFT_OK && options->is_renamed)
		error = weft_registration_set_conflict(r, WEFT_CONFLICT_RENAME);
	return error == WEFT_OK ? CLI_OK : service_fail(s, error, "");
}

int service_settings_port(const char *text)
{
	return number_parse("port", text, 1);
}
