/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/check.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agentd/identity.h"
#include "agentd/report.h"
#include "agentd/settings.h"
#include "process/privileges.h"

__attribute__((format(printf, 3, 4))) static void
report(enum base_log_level level, struct base_location at, const char *format, ...)
{
	struct base_error error = {.code = -EINVAL, .at = at};
	va_list list;

	va_start(list, format);
	vsnprintf(error.text, sizeof(error.text), format, list);
	va_end(list);
	agentd_report_plain(NULL, level, &error);
}

static bool check_group(const struct agentd_settings *s)
{
	gid_t group;

	if (s->agent.control_group == NULL ||
	    process_privileges_group(&group, s->agent.control_group) == 0)
		return true;
	report(BASE_LOG_ERROR, s->control_group_at, "control-group: there is no group %s",
	       s->agent.control_group);
	return false;
}

/* An interface may come later, and a key may be readable by others for a reason. */
static void warn(const struct agentd_settings *s)
{
	const struct conf_text *key = &s->agent.key_file;
	struct stat st;

	for (size_t i = 0; i < s->agent.interface.count; i++)
		if (if_nametoindex(s->agent.interface.items[i]) == 0)
			report(BASE_LOG_WARNING, (struct base_location){s->path, 0},
			       "interface: there is no %s now", s->agent.interface.items[i]);
	if (key->text != NULL && stat(key->text, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		report(BASE_LOG_WARNING, key->at, "key-file is a file that everybody may read");
	if (geteuid() != 0)
		report(BASE_LOG_WARNING, (struct base_location){s->path, 0},
		       "this user is not root: services with `user` cannot be started");
}

int agentd_check(const char *config_path)
{
	struct agentd_settings *settings;
	struct agentd_identity identity;
	bool is_valid;

	base_log_set_level(BASE_LOG_WARNING);
	if (agentd_settings_load(&settings, config_path, agentd_report_plain, NULL) < 0)
		return 1;
	is_valid = agentd_identity_find(&identity, settings, agentd_report_plain, NULL) == 0;
	if (!check_group(settings))
		is_valid = false;
	warn(settings);
	agentd_settings_free(settings);
	return is_valid ? 0 : 1;
}
