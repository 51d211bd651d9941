/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/rdata.h"
#include "dns/type.h"

static bool subtypes_are_valid(const struct registrant_settings *s)
{
	if (s->nsubtypes > REGISTRANT_SUBTYPES_MAX)
		return false;
	for (size_t i = 0; i < s->nsubtypes; i++)
		if (s->subtypes[i][0] == '\0' || strlen(s->subtypes[i]) > DNS_LABEL_MAX)
			return false;
	return true;
}

static bool is_valid(const struct registrant_settings *s)
{
	if (s->naddresses > REGISTRANT_ADDRESSES_MAX || s->lease_s == 0)
		return false;
	if (s->kind == REGISTRANT_NODE)
		return dns_name_labels(s->name) >= 2;
	return dns_name_labels(s->name) >= 4 && s->port > 0 && s->ntxt <= REGISTRANT_TXT_MAX &&
	       (s->ntxt == 0 || dns_rdata_is_valid(DNS_TYPE_TXT, s->txt, s->ntxt)) &&
	       (s->id == NULL || strlen(s->id) <= REGISTRANT_ID_MAX) && subtypes_are_valid(s);
}

/* Returns the octets of all that a copy points to, rounded so that each part may follow. */
static size_t rest_nbytes(const struct registrant_settings *s)
{
	size_t n = s->naddresses * sizeof(*s->addresses) + s->nsubtypes * sizeof(*s->subtypes);

	for (size_t i = 0; i < s->nsubtypes; i++)
		n += strlen(s->subtypes[i]) + 1;
	return n + s->ntxt + (s->id == NULL ? 0 : strlen(s->id)) + 1;
}

/* Copies bytes to *at, and moves it. */
static void *put(uint8_t **at, const void *bytes, size_t nbytes)
{
	void *p = *at;

	if (nbytes > 0)
		memcpy(p, bytes, nbytes);
	*at += nbytes;
	return p;
}

int registrant_settings_copy(struct registrant_settings **out,
			     const struct registrant_settings *settings)
{
	/* The struct's own size keeps what follows aligned; the parts come by their alignment. */
	const size_t first = (sizeof(*settings) + 15) / 16 * 16;
	struct registrant_settings *copy;
	const char **subtypes;
	const char *id = settings->id == NULL ? "" : settings->id;
	uint8_t *at;

	if (!is_valid(settings))
		return -EINVAL;
	if (settings->kind == REGISTRANT_CLAIM || settings->incarnation != 0 ||
	    settings->nuses > 0 || (settings->kind == REGISTRANT_NODE && settings->ntxt > 0))
		return -ENOTSUP;
	copy = malloc(first + rest_nbytes(settings));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *settings;
	at = (uint8_t *)copy + first;
	copy->addresses =
		put(&at, settings->addresses, settings->naddresses * sizeof(*settings->addresses));
	subtypes = put(&at, settings->subtypes, settings->nsubtypes * sizeof(*subtypes));
	copy->subtypes = subtypes;
	for (size_t i = 0; i < settings->nsubtypes; i++)
		subtypes[i] = put(&at, settings->subtypes[i], strlen(settings->subtypes[i]) + 1);
	copy->id = put(&at, id, strlen(id) + 1);
	copy->txt = put(&at, settings->txt, settings->ntxt);
	*out = copy;
	return 0;
}

void registrant_settings_free(struct registrant_settings *settings)
{
	free(settings);
}

bool registrant_settings_has_subtype(const struct registrant_settings *settings,
				     const char *subtype)
{
	for (size_t i = 0; i < settings->nsubtypes; i++)
		if (strcasecmp(settings->subtypes[i], subtype) == 0)
			return true;
	return false;
}
