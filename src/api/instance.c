/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/instance.h"

#include <assert.h>
#include <stdlib.h>

#include "base/address.h"

static_assert((int)WEFT_STATE_UP == (int)DNSSD_UP && (int)WEFT_STATE_STARTING == DNSSD_STARTING &&
		      (int)WEFT_STATE_DRAINING == DNSSD_DRAINING &&
		      (int)WEFT_STATE_FAILED == DNSSD_FAILED,
	      "states are converted by a cast");

/* ---- what was found ---- */

size_t weft_instances_count(const struct weft_instances *all)
{
	return all->set.n;
}

const struct weft_instance *weft_instances_get(const struct weft_instances *all, size_t i)
{
	return i < all->set.n ? api_instance_out(all->set.all[i]) : NULL;
}

int weft_instances_are_stale(const struct weft_instances *all)
{
	return all->set.is_stale;
}

void weft_instances_free(struct weft_instances *all)
{
	if (all == NULL)
		return;
	find_set_fini(&all->set);
	free(all);
}

/* ---- one instance ---- */

struct weft_instance *weft_instance_copy(const struct weft_instance *i)
{
	return (struct weft_instance *)find_instance_acquire(api_instance_in(i));
}

void weft_instance_free(struct weft_instance *i)
{
	find_instance_release(api_instance_in(i));
}

const char *weft_instance_name(const struct weft_instance *i)
{
	return api_instance_in(i)->name_text;
}

const char *weft_instance_label(const struct weft_instance *i)
{
	return api_instance_in(i)->label;
}

const char *weft_instance_type(const struct weft_instance *i)
{
	return api_instance_in(i)->type;
}

const char *weft_instance_domain(const struct weft_instance *i)
{
	return api_instance_in(i)->domain;
}

const char *weft_instance_host(const struct weft_instance *i)
{
	return api_instance_in(i)->target_text;
}

uint16_t weft_instance_port(const struct weft_instance *i)
{
	return api_instance_in(i)->port;
}

uint16_t weft_instance_priority(const struct weft_instance *i)
{
	return api_instance_in(i)->priority;
}

uint16_t weft_instance_weight(const struct weft_instance *i)
{
	return api_instance_in(i)->weight;
}

size_t weft_instance_address_count(const struct weft_instance *i)
{
	return api_instance_in(i)->naddresses;
}

const struct sockaddr *weft_instance_address(const struct weft_instance *i, size_t n,
					     socklen_t *nbytes)
{
	const struct find_instance *in = api_instance_in(i);

	if (n >= in->naddresses)
		return NULL;
	if (nbytes != NULL)
		*nbytes = base_address_nbytes((const struct sockaddr *)&in->addresses[n]);
	return (const struct sockaddr *)&in->addresses[n];
}

enum weft_state weft_instance_state(const struct weft_instance *i)
{
	switch (api_instance_in(i)->state) {
	case DNSSD_ASSIGNED:
	case DNSSD_PREPARING:
		return WEFT_STATE_STARTING;
	case DNSSD_STOPPED:
		return WEFT_STATE_FAILED;
	default:
		return (enum weft_state)api_instance_in(i)->state;
	}
}

const char *weft_instance_id(const struct weft_instance *i)
{
	return api_instance_in(i)->id;
}

uint64_t weft_instance_incarnation(const struct weft_instance *i)
{
	return api_instance_in(i)->incarnation;
}

/* ---- its TXT record ---- */

static const char *value_of(const struct find_pair *pair, size_t *nbytes)
{
	if (pair == NULL)
		return NULL;
	if (nbytes != NULL)
		*nbytes = pair->nvalue;
	return pair->value;
}

const char *weft_instance_txt(const struct weft_instance *i, const char *key, size_t *nbytes)
{
	return value_of(find_instance_find(api_instance_in(i), key), nbytes);
}

size_t weft_instance_txt_count(const struct weft_instance *i)
{
	return api_instance_in(i)->npairs;
}

const char *weft_instance_txt_key(const struct weft_instance *i, size_t n)
{
	const struct find_instance *in = api_instance_in(i);

	return n < in->npairs ? in->pairs[n].key : NULL;
}

const char *weft_instance_txt_value(const struct weft_instance *i, size_t n, size_t *nbytes)
{
	const struct find_instance *in = api_instance_in(i);

	return value_of(n < in->npairs ? &in->pairs[n] : NULL, nbytes);
}

/* ---- how good it is ---- */

uint32_t weft_instance_ttl(const struct weft_instance *i)
{
	return api_instance_in(i)->ttl_s;
}

int weft_instance_is_stale(const struct weft_instance *i)
{
	return api_instance_in(i)->is_stale;
}

const char *weft_state_name(enum weft_state state)
{
	static const char *const names[] = {"up", "starting", "draining", "failed"};

	return (unsigned)state < sizeof(names) / sizeof(*names) ? names[state] : "";
}
