/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/command_service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "control/server.h"
#include "dns/type.h"
#include "hosting/hosting.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "weftd/ask.h"
#include "weftd/config.h"
#include "weftd/weftd.h"
#include "zone/zone.h"

struct checking {
	struct zone *zone;
	const struct view_rule *rule;
	unsigned nwrong;
	char first[DNS_NAME_TEXT_MAX + 64]; /* about the first of them */
	int ret;
};

static void on_wrong(void *arg, bool is_missing, const struct dns_record *record)
{
	struct checking *c = arg;
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];

	if (c->nwrong++ > 0)
		return;
	dns_name_to_text(name, record->owner);
	snprintf(c->first, sizeof(c->first), "%s %s is %s", name,
		 dns_type_to_text(type, record->type), is_missing ? "missing" : "surplus");
}

static void check(struct registry_registrar *r, void *arg)
{
	struct checking *c = arg;

	c->ret = registry_work_check(r, c->zone, c->rule, on_wrong, c);
}

void weftd_command_service_check(void *daemon, struct control_request *request)
{
	struct weftd *d = daemon;
	const char *text = control_request_arg(request, 0);
	const struct weftd_config_zone *z = NULL;
	uint8_t name[DNS_NAME_MAX];
	struct checking c = {0};

	if (dns_name_from_text(name, text, strlen(text), NULL) > 0)
		z = weftd_config_zone_find(d->config, name);
	if (z == NULL) {
		control_request_fail(request, "%s is not a zone of this weftd", text);
		return;
	}
	if (!z->services.is_on) {
		control_request_fail(request, "%s has no service view", z->name_text);
		return;
	}
	c.zone = hosting_find(&d->zones, z->name)->zone;
	c.rule = &z->services;
	weftd_ask(d, check, &c);
	if (c.ret < 0)
		control_request_fail(request, "%s: %s", z->name_text, strerror(-c.ret));
	else if (c.nwrong > 0)
		control_request_fail(request, "%s: %u records of the service view are wrong: %s%s",
				     z->name_text, c.nwrong, c.first,
				     c.nwrong > 1 ? ", and more" : "");
	else
		control_request_answer(request, json_pack("{s:s, s:s}", "zone", z->name_text,
							  "service-view", "right"));
}

/* ---- draining ---- */

enum drain_kind { UNDRAIN, DRAIN };

struct draining {
	struct zone *zone;
	const struct view_rule *rule;
	uint8_t instance[DNS_NAME_MAX];
	bool is_drained;
	int ret;
};

static void drain(struct registry_registrar *r, void *arg)
{
	struct draining *c = arg;

	c->ret = registry_work_drain(r, c->zone, c->rule, c->instance, c->is_drained);
}

/* Returns the deepest configured zone that the name is in, or NULL. */
static const struct weftd_config_zone *zone_of(const struct weftd *d, const uint8_t *name)
{
	const struct weftd_config_zone *z = NULL;

	for (; z == NULL && name[0] != 0; name = dns_name_strip(name, 1))
		z = weftd_config_zone_find(d->config, name);
	return z;
}

/* Fills in `c` for the instance called `text`. Returns false after answering the request with an
 * error if its zone has no service view, or is not a zone of this weftd. */
static bool draining_of(const struct weftd *d, struct control_request *request, const char *text,
			struct draining *c)
{
	const struct weftd_config_zone *z = NULL;

	if (dns_name_from_text(c->instance, text, strlen(text), NULL) > 0)
		z = zone_of(d, c->instance);
	if (z == NULL)
		control_request_fail(request, "%s is not in a zone of this weftd", text);
	else if (!z->services.is_on)
		control_request_fail(request, "%s is in %s, which has no service view", text,
				     z->name_text);
	if (z == NULL || !z->services.is_on)
		return false;
	c->zone = hosting_find(&d->zones, z->name)->zone;
	c->rule = &z->services;
	return true;
}

/* Drains or undrains one instance after the other, up to one that is not registered. */
static void drain_all(struct weftd *d, struct control_request *request, enum drain_kind kind)
{
	json_t *list = json_array();

	for (size_t i = 0; i < control_request_nargs(request); i++) {
		const char *text = control_request_arg(request, i);
		struct draining c = {.is_drained = kind == DRAIN};

		if (!draining_of(d, request, text, &c)) {
			json_decref(list);
			return;
		}
		weftd_ask(d, drain, &c);
		if (c.ret < 0) {
			if (c.ret == -ENOENT)
				control_request_fail(request, "%s is not a registered instance%s",
						     text,
						     i > 0 ? "; those before it are done" : "");
			else
				control_request_fail(request, "%s: %s", text, strerror(-c.ret));
			json_decref(list);
			return;
		}
		if (c.ret > 0)
			base_log(BASE_LOG_INFO, "service", "%s: name=%s",
				 c.is_drained ? "drained" : "undrained", text);
		json_array_append_new(list,
				      json_pack("{s:s, s:b, s:b}", "instance", text, "drained",
						c.is_drained, "changed", c.ret > 0));
	}
	control_request_answer(request, list);
}

void weftd_command_service_drain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, DRAIN);
}

void weftd_command_service_undrain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, UNDRAIN);
}
