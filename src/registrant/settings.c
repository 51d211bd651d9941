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

bool registrant_settings_uses_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *instance)
{
	return dns_name_join(out, (const uint8_t *)"\5_uses", 6, instance) > 0;
}

static bool uses_are_valid(const struct registrant_settings *s)
{
	uint8_t name[DNS_NAME_MAX];

	return s->nuses == 0 ||
	       (s->nuses <= REGISTRANT_USES_MAX && registrant_settings_uses_name(name, s->name));
}

static bool instance_is_valid(const struct registrant_settings *s)
{
	return dns_name_labels(s->name) >= 4 && (s->port > 0 || s->incarnation > 0) &&
	       s->incarnation <= REGISTRANT_INCARNATION_MAX && uses_are_valid(s) &&
	       (s->id == NULL || strlen(s->id) <= REGISTRANT_ID_MAX) && subtypes_are_valid(s);
}

static bool is_valid(const struct registrant_settings *s)
{
	if (s->naddresses > REGISTRANT_ADDRESSES_MAX || s->lease_s == 0 ||
	    s->ntxt > REGISTRANT_TXT_MAX ||
	    (s->ntxt > 0 && !dns_rdata_is_valid(DNS_TYPE_TXT, s->txt, s->ntxt)))
		return false;
	switch (s->kind) {
	case REGISTRANT_NODE:
		return dns_name_labels(s->name) >= 2;
	case REGISTRANT_CLAIM:
		return dns_name_labels(s->name) >= 3 && s->ntxt > 0 &&
		       s->ntxt <= REGISTRANT_CLAIM_MAX;
	default:
		return instance_is_valid(s);
	}
}

/* Returns the octets of all that a copy points to, rounded so that each part may follow. */
static size_t rest_nbytes(const struct registrant_settings *s)
{
	size_t n = s->naddresses * sizeof(*s->addresses) + s->nsubtypes * sizeof(*s->subtypes) +
		   s->nuses * sizeof(*s->uses);

	for (size_t i = 0; i < s->nsubtypes; i++)
		n += strlen(s->subtypes[i]) + 1;
	for (size_t i = 0; i < s->nuses; i++)
		n += dns_name_nbytes(s->uses[i]);
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
	const uint8_t **uses;
	const char **subtypes;
	const char *id = settings->id == NULL ? "" : settings->id;
	uint8_t *at;

	if (!is_valid(settings))
		return -EINVAL;
	copy = malloc(first + rest_nbytes(settings));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *settings;
	at = (uint8_t *)copy + first;
	copy->addresses =
		put(&at, settings->addresses, settings->naddresses * sizeof(*settings->addresses));
	subtypes = put(&at, settings->subtypes, settings->nsubtypes * sizeof(*subtypes));
	copy->subtypes = subtypes;
	uses = put(&at, settings->uses, settings->nuses * sizeof(*uses));
	copy->uses = uses;
	for (size_t i = 0; i < settings->nsubtypes; i++)
		subtypes[i] = put(&at, settings->subtypes[i], strlen(settings->subtypes[i]) + 1);
	for (size_t i = 0; i < settings->nuses; i++)
		uses[i] = put(&at, settings->uses[i], dns_name_nbytes(settings->uses[i]));
	copy->id = put(&at, id, strlen(id) + 1);
	copy->txt = put(&at, settings->txt, settings->ntxt);
	*out = copy;
	return 0;
}

void registrant_settings_free(struct registrant_settings *settings)
{
	free(settings);
}

static bool lists_are_same(const struct registrant_settings *a, const struct registrant_settings *b)
{
	if (a->nsubtypes != b->nsubtypes || a->nuses != b->nuses || a->naddresses != b->naddresses)
		return false;
	for (size_t i = 0; i < a->nsubtypes; i++)
		if (strcmp(a->subtypes[i], b->subtypes[i]) != 0)
			return false;
	for (size_t i = 0; i < a->nuses; i++)
		if (!dns_name_equal(a->uses[i], b->uses[i]))
			return false;
	return a->naddresses == 0 ||
	       memcmp(a->addresses, b->addresses, a->naddresses * sizeof(*a->addresses)) == 0;
}

static const char *id_of(const struct registrant_settings *s)
{
	return s->id == NULL ? "" : s->id;
}

bool registrant_settings_are_same(const struct registrant_settings *a,
				  const struct registrant_settings *b)
{
	return a->kind == b->kind && dns_name_equal(a->name, b->name) &&
	       dns_name_equal(a->host, b->host) && a->port == b->port &&
	       a->priority == b->priority && a->weight == b->weight && a->ntxt == b->ntxt &&
	       (a->ntxt == 0 || memcmp(a->txt, b->txt, a->ntxt) == 0) &&
	       strcmp(id_of(a), id_of(b)) == 0 && a->state == b->state &&
	       a->lease_s == b->lease_s && a->ttl_s == b->ttl_s &&
	       a->incarnation == b->incarnation && a->can_take_over == b->can_take_over &&
	       a->is_shared == b->is_shared && lists_are_same(a, b);
}

bool registrant_settings_has_subtype(const struct registrant_settings *settings,
				     const char *subtype)
{
	for (size_t i = 0; i < settings->nsubtypes; i++)
		if (strcasecmp(settings->subtypes[i], subtype) == 0)
			return true;
	return false;
}
