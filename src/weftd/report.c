/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/report.h"

#include <errno.h>
#include <string.h>

#include "hosting/hosting.h"
#include "process/confine.h"
#include "settings/settings.h"
#include "zone/zone.h"

void weftd_report_denied(void)
{
	if (process_confine_has_files())
		base_log(BASE_LOG_ERROR, "config",
			 "a file outside of the folders that were in use at the start, and of "
			 "server.read-from, can be opened after a restart only");
}

void weftd_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	if (error->at.line > 0)
		base_log(level, "config", "%s:%u: %s", error->at.file, error->at.line, error->text);
	else
		base_log(level, "config", "%s: %s", error->at.file, error->text);
	if (strstr(error->text, strerror(EACCES)) != NULL)
		weftd_report_denied();
}

void weftd_report_zone(enum base_log_level level, const struct hosting_zone *h, const char *what,
		       int ret)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	if (ret < 0)
		base_log(level, "zone", "%s: zone=%s error=\"%s\"", what, name, strerror(-ret));
	else
		base_log(level, "zone", "%s: zone=%s", what, name);
}

void weftd_report_fabrics(const struct settings *config)
{
	for (const struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		base_log(BASE_LOG_INFO, "config", "fabric: name=%s epoch=%u", f->name_text,
			 (unsigned)f->fabric->epoch[0].number);
}

int weftd_report_failure(const char *what, int ret)
{
	base_log(BASE_LOG_ERROR, "start", "%s: %s", what, strerror(-ret));
	return -1;
}

int weftd_report_error(const struct base_error *error)
{
	if (error->at.file != NULL)
		base_log(BASE_LOG_ERROR, "start", "%s: %s", error->at.file, error->text);
	else
		base_log(BASE_LOG_ERROR, "start", "%s", error->text);
	return -1;
}

int weftd_report_end(const char *sentence)
{
	base_log(BASE_LOG_ERROR, "start", "%s", sentence);
	return -1;
}
