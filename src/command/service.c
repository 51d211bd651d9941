/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command/argument.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/affected.h"
#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "daemon/jobs.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "hosting/hosting.h"
#include "registry/check.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "server/server.h"
#include "settings/settings.h"
#include "zone/wide.h"
#include "zone/zone.h"

/* `weft zone check`: the registrar takes what it alone may read, the jobs' thread checks. No zone
 * is purged meanwhile. */
struct checking {
	struct daemon_job job; /* first */
	struct daemon_ask ask;
	struct control_request *request;
	struct zone *zone;
	struct view_rule rule;
	struct registry_check *check;
	unsigned nwrong;
	char zone_text[DNS_NAME_TEXT_MAX];
	char first[DNS_NAME_TEXT_MAX + 64]; /* about the first of them */
	unsigned nunaddressed;
	char unaddressed[2 * DNS_NAME_TEXT_MAX + 64]; /* about the first of them */
	unsigned nwide;
	char wide[ZONE_WIDE_TEXT_MAX + 16]; /* about the first of them */
};

static void on_wide(void *arg, const struct zone_wide *wide)
{
	struct checking *c = arg;

	if (c->nwide++ == 0)
		zone_wide_text(c->wide, wide);
}

/* Finds names that secondaries may refuse. */
static int find_wide(struct checking *c)
{
	int ret = zone_wide_in_snapshot(registry_check_snapshot(c->check), on_wide, c);

	if (c->nwide > 1)
		snprintf(c->wide + strlen(c->wide), sizeof(c->wide) - strlen(c->wide),
			 ", and %u more", c->nwide - 1);
	return ret;
}

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

static void on_unaddressed(void *arg, const uint8_t *instance, const uint8_t *target)
{
	struct checking *c = arg;
	char name[DNS_NAME_TEXT_MAX], node[DNS_NAME_TEXT_MAX];

	if (c->nunaddressed++ > 0)
		return;
	dns_name_to_text(name, instance);
	dns_name_to_text(node, target);
	snprintf(c->unaddressed, sizeof(c->unaddressed), "%s is not live: %s has no address", name,
		 node);
}

/* Finds instances that want an address. */
static void find_unaddressed(struct checking *c)
{
	registry_check_unaddressed(c->check, on_unaddressed, c);
	if (c->nunaddressed > 1)
		snprintf(c->unaddressed + strlen(c->unaddressed),
			 sizeof(c->unaddressed) - strlen(c->unaddressed), "; and %u more",
			 c->nunaddressed - 1);
}

static struct checking *checking_of(struct daemon_ask *ask)
{
	return (struct checking *)((char *)ask - offsetof(struct checking, ask));
}

/* In the registrar's thread. */
static void take(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct checking *c = checking_of(ask);

	c->check = registry_check_take(r, c->zone, &c->rule);
	ask->ret = c->check == NULL ? -ENOMEM : 0;
}

/* In the jobs' thread. */
static void check(struct hosting_job *job)
{
	struct checking *c = (struct checking *)job;

	c->job.ret = find_wide(c);
	if (c->job.ret == 0 && c->rule.is_on)
		c->job.ret = registry_check_run(c->check, on_wrong, c);
	if (c->job.ret == 0 && c->rule.is_on)
		find_unaddressed(c);
	registry_check_free(c->check);
}

static void checked(struct daemon_job *job)
{
	struct checking *c = (struct checking *)job;

	job->daemon->nchecks--;
	if (job->ret < 0)
		control_request_fail(c->request, "%s: %s", c->zone_text, strerror(-job->ret));
	else if (!c->rule.is_on)
		control_request_fail(c->request, "%s has no service view%s%s", c->zone_text,
				     c->nwide > 0 ? "; " : "", c->wide);
	else if (c->nwrong > 0)
		control_request_fail(
			c->request, "%s: %u records of the service view are wrong: %s%s",
			c->zone_text, c->nwrong, c->first, c->nwrong > 1 ? ", and more" : "");
	else
		control_request_answer(c->request,
				       json_pack("{s:o, s:s, s:s*, s:s*}", "zone",
						 command_json_name(zone_name(c->zone)),
						 "service-view", "right", "unaddressed",
						 c->nunaddressed == 0 ? NULL : c->unaddressed,
						 "warning", c->nwide == 0 ? NULL : c->wide));
	daemon_jobs_free(&c->job);
}

static void taken(struct daemon_ask *ask)
{
	struct checking *c = checking_of(ask);

	c->job.ret = ask->ret;
	if (ask->ret == 0)
		daemon_jobs_put(ask->daemon, &c->job);
	else
		checked(&c->job);
}

void command_service_check(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	const char *text = control_request_arg(request, 0);
	const struct settings_zone *z = NULL;
	uint8_t name[DNS_NAME_MAX];
	struct checking *c;

	if (dns_name_from_text(name, text, strlen(text), NULL) > 0)
		z = settings_zone_find(d->config, name);
	if (z == NULL) {
		control_request_fail(request, "%s is not a zone of this weftd", text);
		return;
	}
	if (zone_current(hosting_find(&d->zones, z->name)->zone) == NULL) {
		control_request_fail(request, "%s is not served: see zone status", z->name_text);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	c->job = (struct daemon_job){.job = {.run = check}, .daemon = d, .done = checked};
	c->request = request;
	c->zone = hosting_find(&d->zones, z->name)->zone;
	c->rule = z->services;
	d->nchecks++;
	snprintf(c->zone_text, sizeof(c->zone_text), "%s", z->name_text);
	daemon_ask(d, &c->ask, take, taken);
}

/* ---- draining ---- */

enum drain_kind { UNDRAIN, DRAIN };

/* A request to drain or undrain instances, one after the other. */
struct draining {
	struct daemon_ask ask; /* first */
	struct control_request *request;
	bool is_drained;
	void (*drained)(struct daemon_ask *); /* goes on with the next argument */
	size_t index;			     /* of the argument in hand */
	json_t *list;			     /* the answer so far */

	/* of that argument; the zone outlives the question: a purge would be asked for later */
	struct zone *zone;
	struct view_rule rule;
	uint8_t instance[DNS_NAME_MAX];
	struct daemon_affected affected; /* by draining it */
	uint64_t number;		 /* of the change (stream/survey.h) */
};

/* An instance that was drained before: its own records and those at its type have changed then. */
static void affect_again(struct draining *c)
{
	struct daemon_affected *a = &c->affected;

	a->version = zone_snapshot_version(zone_current(c->zone));
	a->ttl_s = c->rule.ttl_s;
	daemon_affected_add_name(a, c->instance);
	daemon_affected_add_name(a, dns_name_strip(c->instance, 1));
}

/* In the registrar's thread. */
static void drain(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct draining *c = (struct draining *)ask;
	struct daemon *d = ask->daemon;

	daemon_affected_fini(&c->affected);
	c->affected.zone = c->zone;
	d->affected = &c->affected;
	ask->ret = registry_work_drain(r, c->zone, &c->rule, c->instance, c->is_drained);
	d->affected = NULL;
	c->number = server_nchanges(d->server);
	if (ask->ret == 0)
		affect_again(c);
}

/* Returns what `weft drain --wait` asks with until all clients know (command/session.h). */
static json_t *waiting_for(const struct draining *c)
{
	json_t *names = json_array();

	for (size_t at = 0; at < c->affected.nbytes;
	     at += dns_name_nbytes(c->affected.names + at))
		json_array_append_new(names, command_json_name(c->affected.names + at));
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "zone", command_json_name(zone_name(c->zone)),
			 "version", (json_int_t)c->affected.version, "number",
			 (json_int_t)c->number, "ttl", (json_int_t)c->affected.ttl_s, "names",
			 names);
}

/* Fills in `c` for the instance called `text`. Returns false after answering the request with an
 * error if its zone has no service view, or is not a zone of this weftd. */
static bool draining_of(const struct daemon *d, struct control_request *request, const char *text,
			struct draining *c)
{
	const struct settings_zone *z = NULL;

	if (dns_name_from_text(c->instance, text, strlen(text), NULL) > 0)
		z = command_argument_zone(d, c->instance);
	if (z == NULL)
		control_request_fail(request, "%s is not in a zone of this weftd", text);
	else if (!z->services.is_on)
		control_request_fail(request, "%s is in %s, which has no service view", text,
				     z->name_text);
	if (z == NULL || !z->services.is_on)
		return false;
	c->zone = hosting_find(&d->zones, z->name)->zone;
	if (zone_current(c->zone) == NULL) {
		control_request_fail(request, "%s is in %s, which is not served: see zone status",
				     text, z->name_text);
		return false;
	}
	c->rule = z->services;
	return true;
}

static void draining_free(struct draining *c)
{
	daemon_affected_fini(&c->affected);
	json_decref(c->list);
	free(c);
}

/* Asks for the argument in hand, or answers the request if there is none any more. */
static void drain_next(struct daemon *d, struct draining *c)
{
	if (c->index == control_request_nargs(c->request)) {
		control_request_answer(c->request, json_incref(c->list));
		draining_free(c);
	} else if (draining_of(d, c->request, control_request_arg(c->request, c->index), c)) {
		daemon_ask(d, &c->ask, drain, c->drained);
	} else {
		draining_free(c);
	}
}

/* Goes on with the next argument, up to one that is not registered. */
static void drained(struct daemon_ask *ask)
{
	struct draining *c = (struct draining *)ask;
	const char *text = control_request_arg(c->request, c->index);

	if (ask->ret < 0) {
		if (ask->ret == -ENOENT)
			control_request_fail(c->request, "%s is not a registered instance%s%s",
					     text,
					     dnssd_kind_of(c->instance, zone_name(c->zone)) ==
							     DNSSD_NODE
						     ? "; for a node there is weft node drain"
						     : "",
					     c->index > 0 ? "; those before it are done" : "");
		else if (ask->ret == -EBUSY)
			control_request_fail(c->request,
					     "%s stays drained as long as its node is (weft node "
					     "undrain)%s",
					     text,
					     c->index > 0 ? "; those before it are done" : "");
		else
			control_request_fail(c->request, "%s: %s", text, strerror(-ask->ret));
		draining_free(c);
		return;
	}
	if (ask->ret > 0) {
		char name[DNS_NAME_TEXT_MAX];

		dns_name_to_text(name, c->instance);
		base_log(BASE_LOG_INFO, "service", "%s name=%s",
			 c->is_drained ? "drained" : "undrained", name);
	}
	json_array_append_new(c->list, json_pack("{s:o, s:b, s:b, s:o*}", "instance",
						 command_json_name(c->instance), "drained",
						 c->is_drained, "changed", ask->ret > 0, "affected",
						 c->is_drained ? waiting_for(c) : NULL));
	c->index++;
	drain_next(ask->daemon, c);
}

static void drain_all(struct daemon *d, struct control_request *request, enum drain_kind kind)
{
	struct draining *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	c->request = request;
	c->is_drained = kind == DRAIN;
	c->drained = drained;
	c->list = json_array();
	drain_next(d, c);
}

void command_service_drain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, DRAIN);
}

void command_service_undrain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, UNDRAIN);
}
