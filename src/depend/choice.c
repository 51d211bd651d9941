/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "depend/choice.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "find/find.h"
#include "spec/instance.h"

/* ---- instances ---- */

bool depend_choice_has(const struct find_instance *i, const char *name, const uint8_t *type)
{
	return i->name[0] != 0 && dns_name_equal(dns_name_strip(i->name, 1), type) &&
	       spec_instance_is_of(i->name, name);
}

static bool is_good(const struct find_instance *i)
{
	return i->state == DNSSD_UP && i->naddresses > 0;
}

static const struct find_instance *same_find(struct find_instance *const *all, size_t n,
					     const struct find_instance *chosen)
{
	for (size_t i = 0; i < n; i++)
		if (dns_name_equal(all[i]->name, chosen->name))
			return all[i];
	return NULL;
}

/* Returns the first of those that are good, in the order of RFC 2782, or NULL. */
static const struct find_instance *best_find(struct find_instance **all, size_t n)
{
	size_t ngood = 0;

	for (size_t i = 0; i < n; i++)
		if (is_good(all[i])) {
			struct find_instance *good = all[i];

			all[i] = all[ngood];
			all[ngood++] = good;
		}
	find_order(all, ngood);
	return ngood > 0 ? all[0] : NULL;
}

/* ---- addresses ---- */

static bool is_same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0 &&
	       a6->sin6_scope_id == b6->sin6_scope_id;
}

/* Returns the address to be used: the same as before if the instance still has it. */
static const struct sockaddr_storage *address_find(const struct find_instance *i,
						   const struct sockaddr_storage *before)
{
	for (size_t k = 0; k < i->naddresses; k++)
		if (is_same_address(&i->addresses[k], before))
			return &i->addresses[k];
	return &i->addresses[0];
}

static void where_write(char out[static DEPEND_WHERE_MAX], const struct sockaddr_storage *address,
			uint16_t port)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)address;
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &a4->sin_addr, text, sizeof(text));
		snprintf(out, DEPEND_WHERE_MAX, "%s:%u", text, port);
	} else {
		inet_ntop(AF_INET6, &a6->sin6_addr, text, sizeof(text));
		snprintf(out, DEPEND_WHERE_MAX, "[%s]:%u", text, port);
	}
}

/* ---- the choice ---- */

static bool choice_set(struct depend_choice *c, const struct find_instance *i)
{
	const struct find_instance *before = c->instance;
	const struct sockaddr_storage *address = address_find(i, &c->address);
	char where[DEPEND_WHERE_MAX];
	bool is_same;

	where_write(where, address, i->port);
	is_same = before != NULL && dns_name_equal(before->name, i->name) &&
		  before->incarnation == i->incarnation && strcmp(where, c->host_port) == 0;
	c->address = *address;
	memcpy(c->host_port, where, sizeof(where));
	c->instance = find_instance_acquire(i);
	find_instance_release(before);
	return !is_same;
}

bool depend_choice_make(struct depend_choice *c, struct find_instance **all, size_t n)
{
	const struct find_instance *same = NULL, *best;
	bool had_one = c->instance != NULL;

	if (had_one)
		same = same_find(all, n, c->instance);
	if (same != NULL && is_good(same))
		return choice_set(c, same);
	best = best_find(all, n);
	if (best != NULL)
		return choice_set(c, best);
	/* One that drains still serves those it has. */
	if (same != NULL && same->state == DNSSD_DRAINING && same->naddresses > 0)
		return choice_set(c, same);
	depend_choice_fini(c);
	return had_one;
}

void depend_choice_fini(struct depend_choice *c)
{
	find_instance_release(c->instance);
	*c = (struct depend_choice){0};
}
