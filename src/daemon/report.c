/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fabric/cert.h"
#include "hosting/hosting.h"
#include "process/confine.h"
#include "process/report.h"
#include "settings/settings.h"
#include "zone/zone.h"

void daemon_report_denied(void)
{
	if (process_confine_has_files())
		base_log(BASE_LOG_ERROR, "config",
			 "restart-needed why=\"a file outside of the folders that were in use at "
			 "the start, and of server.read-from, can be opened after a restart "
			 "only\"");
}

void daemon_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	process_report(arg, level, error);
	if (strstr(error->text, strerror(EACCES)) != NULL)
		daemon_report_denied();
}

void daemon_report_plain(void *arg, enum base_log_level level, const struct base_error *error)
{
	char line[16] = "";

	(void)arg;
	(void)level;
	if (error->at.line > 0)
		snprintf(line, sizeof(line), "%u:", error->at.line);
	fprintf(stderr, "%s:%s %s\n", error->at.file, line, error->text);
}

void daemon_report_zone(enum base_log_level level, const struct hosting_zone *h, const char *event,
			int ret)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	if (ret < 0)
		base_log(level, "zone", "%s zone=%s error=\"%s\"", event, name, strerror(-ret));
	else
		base_log(level, "zone", "%s zone=%s", event, name);
}

void daemon_report_fabrics(const struct settings *config)
{
	for (const struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		base_log(BASE_LOG_INFO, "config", "fabric name=%s epoch=%u", f->name_text,
			 (unsigned)f->fabric->epoch[0].number);
}

void daemon_report_certificate(const struct settings *config)
{
	const struct settings_tls *tls = &config->server.tls;
	char text[sizeof("2026-01-01T00:00:00Z")];
	struct tm tm;
	time_t until;

	if (config->server.listen_tls.count == 0 || tls->cert == NULL)
		return;
	until = (time_t)fabric_cert_until(tls->cert);
	if (gmtime_r(&until, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	base_log(BASE_LOG_INFO, "config", "certificate file=%s until=%s", tls->certificate.text,
		 text);
}

void daemon_report_empty(const struct settings *config, base_report_fn report, void *arg)
{
	struct base_error error;

	if (config->nzones > 0)
		return;
	base_error_set_at(&error, -ENOENT, (struct base_location){config->path, 0},
			  "no zone is configured: all queries are refused");
	report(arg, BASE_LOG_WARNING, &error);
}

int daemon_report_end(const char *sentence)
{
	base_log(BASE_LOG_ERROR, "start", "start-failed why=\"%s\"", sentence);
	return -1;
}
