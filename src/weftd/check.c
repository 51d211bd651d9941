/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/rcu.h"
#include "daemon/report.h"
#include "hosting/hosting.h"
#include "hosting/load.h"
#include "process/privileges.h"
#include "settings/settings.h"
#include "weftd/access.h"
#include "zone/zone.h"

enum { GROUPS_MOST = 1024 }; /* of a user */

static int check_zone(const struct settings_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, 1);
	int ret;

	if (h == NULL)
		return -ENOMEM;
	zone_set_limits(h->zone, &z->limits);
	ret = hosting_load(h->zone, h->file, NULL, daemon_report_plain, NULL);
	hosting_zone_free(h);
	return ret;
}

__attribute__((format(printf, 3, 4))) static bool report(const struct base_location *at, int code,
							 const char *format, ...)
{
	struct base_error error = {.code = code, .at = *at};
	va_list list;

	va_start(list, format);
	vsnprintf(error.text, sizeof(error.text), format, list);
	va_end(list);
	daemon_report_plain(NULL, BASE_LOG_ERROR, &error);
	return false;
}

/* Returns whether the user is a member of the group of the control socket: only then it may give
 * the socket to the group. `p` is NULL if there is no such user. */
static bool check_group(const struct settings_server *s, const struct process_privileges *p)
{
	const struct passwd *user;
	gid_t group, groups[GROUPS_MOST];
	int n = GROUPS_MOST;

	if (s->control_group == NULL)
		return true;
	if (process_privileges_group(&group, s->control_group) < 0)
		return report(&s->at.control_group, -ENOENT, "there is no group %s",
			      s->control_group);
	user = p == NULL || p->uid == 0 ? NULL : getpwuid(p->uid);
	if (user == NULL || getgrouplist(user->pw_name, p->gid, groups, &n) < 0)
		return true;
	for (int i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return report(&s->at.control_group, -EPERM,
		      "user %s is not in the group %s. Mend it by: usermod -aG %s %s",
		      user->pw_name, s->control_group, s->control_group, user->pw_name);
}

/* Checks that user and group exist, and that the user may use what it needs. A checking user that
 * cannot become it checks for itself. */
static bool check_privileges(const struct settings *config)
{
	const struct settings_server *s = &config->server;
	struct process_privileges p;
	struct base_error error;
	unsigned others = 0;
	int ret = process_privileges_find(&p, s->user, &error);
	bool is_found = ret == 0 || ret == -EPERM;
	bool is_valid = check_group(s, is_found ? &p : NULL) && is_found;

	if (!is_found)
		report(&s->at.user, ret, "%s", error.text);
	if (!is_valid || !p.is_changing)
		return is_valid;
	return weftd_access_check(config, &p, WEFTD_ACCESS_ALL, &others, daemon_report_plain,
				  NULL) == 0 &&
	       others == 0;
}

int weftd_check(const char *config_path)
{
	struct settings *config;
	bool is_valid;

	base_log_set_level(BASE_LOG_WARNING);
	if (settings_load(&config, config_path, daemon_report_plain, NULL) < 0)
		return 1;
	base_rcu_register();
	is_valid = settings_unlock(config, daemon_report_plain, NULL) == 0;
	daemon_report_empty(config, daemon_report_plain, NULL);
	if (!check_privileges(config))
		is_valid = false;
	for (const struct settings_zone *z = config->zones; z != NULL; z = z->next)
		if (check_zone(z) < 0)
			is_valid = false;
	base_rcu_unregister();
	settings_free(config);
	return is_valid ? 0 : 1;
}
