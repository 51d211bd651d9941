/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/changes.h"

#include "base/log.h"
#include "settings/settings.h"

/* By enum settings_change: the list it is in. */
static const char *const lists[SETTINGS_CHANGES] = {
	[SETTINGS_OPTION] = "options",
	[SETTINGS_OPTION_RESTART] = "needs-restart",
	[SETTINGS_ZONE_ADDED] = "zones-added",
	[SETTINGS_ZONE_REMOVED] = "zones-removed",
	[SETTINGS_ZONE_OPTION] = "zone-options",
	[SETTINGS_KEY_ADDED] = "keys-added",
	[SETTINGS_KEY_REMOVED] = "keys-removed",
	[SETTINGS_KEY_CHANGED] = "keys-changed",
	[SETTINGS_FABRIC_ADDED] = "fabrics-added",
	[SETTINGS_FABRIC_REMOVED] = "fabrics-removed",
	[SETTINGS_FABRIC_CHANGED] = "fabrics-changed",
};

void daemon_changes_add(json_t *changes, const char *list, const char *text)
{
	json_array_append_new(json_object_get(changes, list), json_string(text));
}

static void on_change(void *arg, enum settings_change change, const char *what)
{
	daemon_changes_add(arg, lists[change], what);
}

json_t *daemon_changes_new(const struct settings *now, const struct settings *next)
{
	json_t *changes = json_object();
	int ret = changes == NULL ? -1 : 0;

	for (int i = 0; i < SETTINGS_CHANGES && ret == 0; i++)
		ret = json_object_set_new(changes, lists[i], json_array());
	if (ret == 0)
		ret = json_object_set_new(changes, "zones-merged", json_array());
	if (ret < 0) {
		json_decref(changes);
		return NULL;
	}
	settings_compare(now, next, on_change, changes);
	return changes;
}

void daemon_changes_log(const json_t *changes)
{
	const json_t *restart = json_object_get(changes, "needs-restart");

	for (size_t i = 0; i < json_array_size(restart); i++)
		base_log(BASE_LOG_WARNING, "config", "restart-needed option=%s",
			 json_string_value(json_array_get(restart, i)));
}
