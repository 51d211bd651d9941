/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/same.h"

#include <string.h>

#include "ledger/lease.h"
#include "mdns/rules.h"
#include "view/view.h"

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_bytes(const void *a, const void *b, size_t nbytes)
{
	return a == b || (a != NULL && b != NULL && memcmp(a, b, nbytes) == 0);
}

static bool are_same_interfaces(const struct mdns_rule *a, const struct mdns_rule *b)
{
	if (a->ninterfaces != b->ninterfaces)
		return false;
	for (size_t i = 0; i < a->ninterfaces; i++)
		if (strcmp(a->interfaces[i], b->interfaces[i]) != 0)
			return false;
	return true;
}

static bool are_same_types(const struct mdns_types *a, const struct mdns_types *b)
{
	if (a->count != b->count || a->has_all != b->has_all)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!dns_name_equal(a->items[i], b->items[i]))
			return false;
	return true;
}

static bool is_same_place(const struct mdns_into *a, const struct mdns_into *b)
{
	return a->zone == b->zone && (a->zone == NULL || dns_name_equal(a->name, b->name));
}

static bool is_same_listening(const struct mdns_listening *a, const struct mdns_listening *b)
{
	return a->port == b->port && a->transport == b->transport;
}

/* The policies of one name are the same. */
static bool are_same_intos(const struct mdns_into *a, const struct mdns_into *b)
{
	return is_same_place(a, b) &&
	       (a->zone == NULL ||
		(a->max == b->max &&
		 is_same_bytes(a->lease_rule, b->lease_rule, sizeof(*a->lease_rule)) &&
		 is_same_bytes(a->view_rule, b->view_rule, sizeof(*a->view_rule))));
}

bool mdns_same_into(const struct mdns_rules *list, const struct mdns_into *into)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_same_place(&list->items[i].into, into))
			return true;
	return false;
}

bool mdns_same_rule(const struct mdns_rule *a, const struct mdns_rule *b)
{
	return a->zone == b->zone && are_same_interfaces(a, b) &&
	       are_same_types(&a->advertise, &b->advertise) &&
	       are_same_types(&a->discover, &b->discover) &&
	       are_same_types(&a->exclude, &b->exclude) &&
	       is_same_text(a->host_suffix, b->host_suffix) && are_same_intos(&a->into, &b->into) &&
	       a->is_announced == b->is_announced && is_same_listening(&a->dns, &b->dns) &&
	       is_same_listening(&a->tls, &b->tls) && is_same_text(a->fabric, b->fabric) &&
	       is_same_text(a->fingerprint, b->fingerprint);
}
