/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cmd/daemon_services.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/rcu.h"
#include "cmd/daemon.h"
#include "dns/type.h"
#include "zone/draft.h"
#include "zone/zone.h"

struct checking {
	struct zone *zone;
	const struct registry_services_rule *rule;
	unsigned nwrong;
	char first[DNS_NAME_TEXT_MAX + 64]; /* what is wrong with the first */
	int result;
};

static void on_wrong(void *arg, bool is_missing, const struct zone_record *record)
{
	struct checking *c = arg;
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];

	if (c->nwrong++ > 0)
		return;
	dns_name_to_text(name, record->owner);
	snprintf(c->first, sizeof(c->first), "%s %s is %s", name,
		 dns_type_to_text(type, record->type), is_missing ? "missing" : "surplus");
}

/* In the registrar's thread, which has no draft of the zone now. */
static void check(struct registry_registrar *r, void *arg)
{
	struct checking *c = arg;
	const struct zone_snapshot *s = zone_current(c->zone);
	struct zone_draft *draft = s == NULL ? NULL : zone_draft_new(c->zone);

	if (s == NULL)
		return;
	if (draft == NULL) {
		c->result = -ENOMEM;
		return;
	}
	if (registry_services_check(&registry_registrar_ledger(r)->services, c->rule, s, draft,
				    on_wrong, c) < 0)
		c->result = -ENOMEM;
	zone_draft_abort(draft);
}

void cmd_daemon_zone_check(void *daemon, struct server_control_request *request)
{
	struct cmd_daemon *d = daemon;
	const char *text = server_control_arg(request, 0);
	const struct cmd_config_zone *z = NULL;
	uint8_t name[DNS_NAME_MAX];
	struct checking c = {0};

	if (dns_name_from_text(name, text, strlen(text), NULL) > 0)
		z = cmd_config_zone_find(d->config, name);
	if (z == NULL) {
		server_control_fail(request, "there is no zone %s", text);
		return;
	}
	if (!z->services.is_on) {
		server_control_fail(request, "%s has no service view", z->name_text);
		return;
	}
	c.zone = registry_hosted_find(&d->zones, z->name)->zone;
	c.rule = &z->services;
	base_rcu_offline();
	registry_registrar_run(d->registrar, check, &c);
	base_rcu_online();
	if (c.result < 0)
		server_control_fail(request, "%s: %s", z->name_text, strerror(-c.result));
	else if (c.nwrong > 0)
		server_control_fail(request, "%s: %u records of the service view are wrong: %s%s",
				    z->name_text, c.nwrong, c.first,
				    c.nwrong > 1 ? ", and more" : "");
	else
		server_control_answer(request, json_pack("{s:s, s:s}", "zone", z->name_text,
							 "service-view", "right"));
}
