/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A setting changes a copy of the description. The copy replaces the description once the
 * registrant, if the registration was started, has taken it: what fails changes nothing. */

#include <string.h>

#include "api/error.h"
#include "api/registration_priv.h"
#include "find/name.h"
#include "locate/locate.h"

/* Ends a setting: `ret` is what has become of the copy, which is NULL if memory was short; `what`
 * and `value` are for people. */
static int setting_end(struct weft_registration *r, struct api_description *d, int ret,
		       const char *what, const char *value)
{
	struct weft *w = r->object.context;
	int error = 0;

	if (d == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	if (ret == WEFT_OK && r->service != NULL)
		error = registrant_service_change(r->service, &d->settings);
	if (error < 0) {
		api_description_free(d);
		return api_context_fail(w, api_error_from_errno(error), "%s", strerror(-error));
	}
	if (ret != WEFT_OK) {
		api_context_fail(w, ret, "%s \"%s\": %s", what, value != NULL ? value : "",
				 ret != WEFT_E_MEMORY ? d->why : weft_strerror(ret));
		api_description_free(d);
		return ret;
	}
	api_description_free(r->description);
	r->description = d;
	return WEFT_OK;
}

int weft_registration_set_txt(struct weft_registration *r, const char *key, const void *value,
			      size_t nbytes)
{
	struct api_description *d = api_description_copy(r->description);
	int ret = d != NULL ? api_description_set_txt(d, key, value, nbytes) : WEFT_E_MEMORY;

	return setting_end(r, d, ret, "TXT key", key);
}

int weft_registration_unset_txt(struct weft_registration *r, const char *key)
{
	struct api_description *d = api_description_copy(r->description);
	int ret = d != NULL ? api_description_unset_txt(d, key) : WEFT_E_MEMORY;

	return setting_end(r, d, ret, "TXT key", key);
}

int weft_registration_set_srv(struct weft_registration *r, uint16_t priority, uint16_t weight)
{
	struct api_description *d = api_description_copy(r->description);

	if (d != NULL) {
		d->settings.priority = priority;
		d->settings.weight = weight;
	}
	return setting_end(r, d, WEFT_OK, "SRV", "");
}

int weft_registration_set_port(struct weft_registration *r, int port)
{
	struct api_description *d;

	if (port < 1 || port > UINT16_MAX || r->description->settings.kind == REGISTRANT_NODE)
		return api_context_fail(r->object.context, WEFT_E_PORT,
					"%d is not a port of a service, from 1 to 65535", port);
	d = api_description_copy(r->description);
	if (d != NULL)
		d->settings.port = (uint16_t)port;
	return setting_end(r, d, WEFT_OK, "port", "");
}

int weft_registration_set_host(struct weft_registration *r, const char *host)
{
	struct weft *w = r->object.context;
	uint8_t name[DNS_NAME_MAX] = {0};
	char why[FIND_NAME_WHY_MAX];
	struct api_description *d;

	if (host != NULL && find_name_complete(name, host, locate_domain(w->locate), why) < 0)
		return api_context_fail(w, WEFT_E_NAME, "%s", why);
	d = api_description_copy(r->description);
	if (d != NULL)
		memcpy(d->settings.host, name, sizeof(name));
	return setting_end(r, d, WEFT_OK, "host", host);
}

int weft_registration_set_addresses(struct weft_registration *r, const char *list)
{
	struct api_description *d = api_description_copy(r->description);
	int ret = d != NULL ? api_description_set_addresses(d, list) : WEFT_E_MEMORY;

	return setting_end(r, d, ret, "addresses", list);
}

int weft_registration_add_subtype(struct weft_registration *r, const char *subtype)
{
	struct api_description *d = api_description_copy(r->description);
	int ret = d != NULL ? api_description_add_subtype(d, subtype) : WEFT_E_MEMORY;

	return setting_end(r, d, ret, "subtype", subtype);
}

int weft_registration_set_id(struct weft_registration *r, const char *id)
{
	struct api_description *d = api_description_copy(r->description);
	int ret = d != NULL ? api_description_set_id(d, id) : WEFT_E_MEMORY;

	return setting_end(r, d, ret, "id", id);
}

int weft_registration_set_lease(struct weft_registration *r, uint32_t lease_s)
{
	struct api_description *d;

	if (lease_s == 0)
		return api_context_fail(r->object.context, WEFT_E_ARGUMENT,
					"a lease has at least one second");
	d = api_description_copy(r->description);
	if (d != NULL)
		d->settings.lease_s = lease_s;
	return setting_end(r, d, WEFT_OK, "lease", "");
}

int weft_registration_set_conflict(struct weft_registration *r, enum weft_conflict conflict)
{
	struct api_description *d;

	if (conflict != WEFT_CONFLICT_FAIL && conflict != WEFT_CONFLICT_RENAME)
		return api_context_fail(r->object.context, WEFT_E_ARGUMENT,
					"%d is not what can be done about a conflict",
					(int)conflict);
	d = api_description_copy(r->description);
	if (d != NULL)
		d->settings.is_renamed = conflict == WEFT_CONFLICT_RENAME;
	return setting_end(r, d, WEFT_OK, "conflict", "");
}

int weft_registration_set_state(struct weft_registration *r, enum weft_state state)
{
	struct api_description *d;

	if (weft_state_name(state)[0] == '\0')
		return api_context_fail(r->object.context, WEFT_E_ARGUMENT, "%d is not a state",
					(int)state);
	d = api_description_copy(r->description);
	if (d != NULL)
		d->settings.state = (enum dnssd_state)state;
	return setting_end(r, d, WEFT_OK, "state", "");
}

/* Asks the program. What it answers is the state from now on. */
static enum dnssd_state on_health(void *arg)
{
	struct weft_registration *r = arg;
	enum weft_state state = r->health(r->health_arg);

	if (weft_state_name(state)[0] == '\0')
		state = WEFT_STATE_FAILED;
	r->description->settings.state = (enum dnssd_state)state;
	return (enum dnssd_state)state;
}

int weft_registration_on_refresh(struct weft_registration *r, weft_health_fn fn, void *arg)
{
	struct api_description *d = api_description_copy(r->description);
	int ret;

	if (d != NULL) {
		d->settings.health = fn != NULL ? on_health : NULL;
		d->settings.health_arg = r;
	}
	ret = setting_end(r, d, WEFT_OK, "health", "");
	if (ret == WEFT_OK) {
		r->health = fn;
		r->health_arg = arg;
	}
	return ret;
}
