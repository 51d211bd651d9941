/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/load.h"
#include "api/registration_priv.h"
#include "api/wait.h"
#include "dnssd/kind.h"
#include "find/name.h"
#include "locate/locate.h"

static void registration_end(struct api_object *object)
{
	struct weft_registration *r = (struct weft_registration *)object;

	api_context_remove(object);
	registrant_service_free(r->service);
	api_description_free(r->description);
	free(r);
}

/* ---- making ---- */

/* Writes the wire name of one label before `rest` to `out`. Returns 0 if that is not a name. */
static size_t name_join(uint8_t out[static DNS_NAME_MAX], const char *label, const uint8_t *rest)
{
	uint8_t first[1 + DNS_LABEL_MAX];
	size_t n = strlen(label);

	if (n == 0 || n > DNS_LABEL_MAX)
		return 0;
	/* RFC 6763 section 4.1.1: no control characters. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
			return 0;
	first[0] = (uint8_t)n;
	memcpy(first + 1, label, n);
	return dns_name_join(out, first, 1 + n, rest);
}

/* Whether a name begins as `_http._tcp` does. */
static bool is_type(const uint8_t *name)
{
	return dns_name_labels(name) >= 2 &&
	       dnssd_kind_of(name, dns_name_strip(name, 2)) == DNSSD_TYPE;
}

static int registration_new(struct weft *w, const uint8_t *name, uint16_t port,
			    struct weft_registration **out)
{
	struct weft_registration *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	r->description = api_description_new(name, port);
	if (r->description == NULL) {
		free(r);
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	}
	dns_name_to_text(r->name, name);
	r->object.end = registration_end;
	api_context_add(w, &r->object);
	*out = r;
	return WEFT_OK;
}

int weft_registration_new(struct weft *w, const char *label, const char *type, int port,
			  struct weft_registration **out)
{
	uint8_t name[DNS_NAME_MAX], rest[DNS_NAME_MAX];
	char why[FIND_NAME_WHY_MAX];
	int ret = api_load_registrant(w);

	if (ret != WEFT_OK)
		return ret;
	if (port < 1 || port > UINT16_MAX)
		return api_context_fail(w, WEFT_E_PORT, "%d is not a port from 1 to 65535", port);
	if (find_name_complete(rest, type, locate_domain(w->locate), why) < 0)
		return api_context_fail(w, WEFT_E_NAME, "%s", why);
	if (!is_type(rest))
		return api_context_fail(w, WEFT_E_NAME,
					"\"%s\" is not a service type, such as _http._tcp", type);
	if (dns_name_labels(rest) == 2)
		return api_context_fail(w, WEFT_E_NAME, "\"%s\" has no domain, and none is set",
					type);
	if (name_join(name, label, rest) == 0)
		return api_context_fail(w, WEFT_E_NAME,
					"\"%s\" is not a label of 1 to 63 octets without control "
					"characters, or the whole name has more than 255",
					label);
	return registration_new(w, name, (uint16_t)port, out);
}

int weft_registration_new_node(struct weft *w, const char *name, struct weft_registration **out)
{
	uint8_t whole[DNS_NAME_MAX], nodes[DNS_NAME_MAX];
	int ret = api_load_registrant(w);

	if (ret != WEFT_OK)
		return ret;
	if (name == NULL) {
		if (!registrant_node_name(w->registrant, locate_domain(w->locate), whole))
			return api_context_fail(w, WEFT_E_NAME,
						"neither key nor host has a name for the node");
		return registration_new(w, whole, 0, out);
	}
	if (name_join(nodes, "nodes", locate_domain(w->locate)) == 0 ||
	    name_join(whole, name, nodes) == 0)
		return api_context_fail(w, WEFT_E_NAME, "\"%s\" is not the name of a node", name);
	return registration_new(w, whole, 0, out);
}

/* ---- being registered ---- */

const char *weft_registration_event_name(enum weft_registration_event event)
{
	static const char *const names[] = {
		[WEFT_REGISTRATION_DONE] = "done",     [WEFT_REGISTRATION_RENAMED] = "renamed",
		[WEFT_REGISTRATION_FAILED] = "failed", [WEFT_REGISTRATION_LOST] = "lost",
		[WEFT_REGISTRATION_ENDED] = "ended",
	};

	if ((unsigned)event >= sizeof(names) / sizeof(*names) || names[event] == NULL)
		return "";
	return names[event];
}

static void on_event(void *arg, enum registrant_event event, int error, const char *why,
		     uint64_t now_ms)
{
	static const enum weft_registration_event events[] = {
		[REGISTRANT_DONE] = WEFT_REGISTRATION_DONE,
		[REGISTRANT_RENAMED] = WEFT_REGISTRATION_RENAMED,
		[REGISTRANT_FAILED] = WEFT_REGISTRATION_FAILED,
		[REGISTRANT_LOST] = WEFT_REGISTRATION_LOST,
		[REGISTRANT_ENDED] = WEFT_REGISTRATION_ENDED,
	};
	struct weft_registration *r = arg;
	int code = api_error_from_errno(error);

	(void)now_ms;
	if (code != WEFT_OK)
		api_context_fail(r->object.context, code, "%s", why);
	if (r->fn != NULL)
		r->fn(r->arg, events[event], code, why);
}

int weft_registration_start(struct weft_registration *r, weft_registration_fn fn, void *arg)
{
	struct weft *w = r->object.context;
	int ret;

	if (r->service != NULL)
		return api_context_fail(w, WEFT_E_ARGUMENT, "the registration was started already");
	r->fn = fn;
	r->arg = arg;
	ret = registrant_service_new(&r->service, w->registrant, &r->description->settings,
				     on_event, r);
	if (ret == 0)
		return WEFT_OK;
	r->service = NULL;
	return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
}

const char *weft_registration_name(struct weft_registration *r)
{
	if (r->service != NULL)
		dns_name_to_text(r->name, registrant_service_name(r->service));
	return r->name;
}

uint32_t weft_registration_lease(const struct weft_registration *r)
{
	return r->service != NULL ? registrant_service_lease_s(r->service) : 0;
}

uint64_t weft_registration_incarnation(const struct weft_registration *r)
{
	return r->service != NULL ? registrant_service_incarnation(r->service) : 0;
}

int weft_registration_end(struct weft_registration *r)
{
	if (r->service == NULL)
		return api_context_fail(r->object.context, WEFT_E_ARGUMENT,
					"the registration was not started");
	registrant_service_end(r->service);
	return WEFT_OK;
}

void weft_registration_free(struct weft_registration *r)
{
	if (r != NULL)
		registration_end(&r->object);
}

/* ---- waiting for it ---- */

struct waiting {
	struct api_wait wait;
	struct weft *context;
	int failure; /* the last one that may pass; WEFT_OK: none */
	char why[API_TEXT_MAX];
};

static void on_waited(void *arg, enum weft_registration_event event, int error, const char *text)
{
	struct waiting *waiting = arg;

	if (waiting->wait.is_done)
		return;
	/* A registry that does not answer now may do so before the time is over. */
	if (event == WEFT_REGISTRATION_FAILED && error == WEFT_E_NO_REGISTRY) {
		waiting->failure = error;
		snprintf(waiting->why, sizeof(waiting->why), "%s", text);
	} else if (event != WEFT_REGISTRATION_LOST) {
		api_wait_end(&waiting->wait, waiting->context, error);
	}
}

static int registration_wait(struct waiting *waiting, int timeout_ms, unsigned times)
{
	int ret = api_wait_for(&waiting->wait, waiting->context,
			       api_load_deadline(waiting->context, timeout_ms, times));

	if (ret == WEFT_E_TIMEOUT && waiting->failure != WEFT_OK)
		return api_context_fail(waiting->context, waiting->failure, "%s", waiting->why);
	return ret;
}

int weft_registration_wait(struct weft_registration *r, int timeout_ms)
{
	struct waiting waiting = {.context = r->object.context};
	int ret = api_wait_check(waiting.context);

	if (ret == WEFT_OK)
		ret = weft_registration_start(r, on_waited, &waiting);
	if (ret != WEFT_OK)
		return ret;
	ret = registration_wait(&waiting, timeout_ms, 2);
	r->fn = NULL;
	return ret;
}

int weft_register(struct weft *w, const char *label, const char *type, int port, int timeout_ms,
		  struct weft_registration **out)
{
	struct weft_registration *r;
	int ret = weft_registration_new(w, label, type, port, &r);

	if (ret != WEFT_OK)
		return ret;
	ret = weft_registration_wait(r, timeout_ms);
	if (ret == WEFT_OK)
		*out = r;
	else
		weft_registration_free(r);
	return ret;
}

int weft_unregister(struct weft_registration *r, int timeout_ms)
{
	struct waiting waiting = {.context = r->object.context};
	int ret = api_wait_check(waiting.context);

	if (ret != WEFT_OK)
		return ret;
	if (r->service != NULL) {
		r->fn = on_waited;
		r->arg = &waiting;
		registrant_service_end(r->service);
		ret = registration_wait(&waiting, timeout_ms, 1);
	}
	registration_end(&r->object);
	return ret;
}
