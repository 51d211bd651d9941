/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/check.h"

#include <errno.h>

#include "base/log.h"
#include "base/rcu.h"
#include "hosting/hosting.h"
#include "hosting/load.h"
#include "process/privileges.h"
#include "settings/settings.h"
#include "weftd/report.h"
#include "zone/zone.h"

static int check_zone(const struct settings_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, 1);
	int ret;

	if (h == NULL)
		return -ENOMEM;
	zone_set_limits(h->zone, &z->limits);
	ret = hosting_load(h->zone, h->file, NULL, weftd_report_plain, NULL);
	hosting_zone_free(h);
	return ret;
}

/* Checks that user and group exist; the checking user need not be able to switch to them. */
static bool check_privileges(const struct settings *config)
{
	const struct settings_server *s = &config->server;
	struct process_privileges p;
	struct base_error error;
	gid_t group;
	int ret = process_privileges_find(&p, s->user, &error);

	error.at = (struct base_location){config->path, 0};
	if (ret < 0 && ret != -EPERM)
		weftd_report_plain(NULL, BASE_LOG_ERROR, &error);
	else
		ret = 0;
	if (s->control_group == NULL || process_privileges_group(&group, s->control_group) == 0)
		return ret == 0;
	base_error_set_at(&error, -ENOENT, error.at, "there is no group %s", s->control_group);
	weftd_report_plain(NULL, BASE_LOG_ERROR, &error);
	return false;
}

int weftd_check(const char *config_path)
{
	struct settings *config;
	bool is_valid;

	base_log_set_level(BASE_LOG_WARNING);
	if (settings_load(&config, config_path, weftd_report_plain, NULL) < 0)
		return 1;
	base_rcu_register();
	is_valid = settings_unlock(config, weftd_report_plain, NULL) == 0;
	if (!check_privileges(config))
		is_valid = false;
	for (const struct settings_zone *z = config->zones; z != NULL; z = z->next)
		if (check_zone(z) < 0)
			is_valid = false;
	base_rcu_unregister();
	settings_free(config);
	return is_valid ? 0 : 1;
}
