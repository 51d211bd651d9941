/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/health.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/bridge.h"
#include "daemon/daemon.h"
#include "dns/name.h"
#include "process/notify.h"
#include "registry/registrar.h"
#include "zone/zone.h"

enum {
	COMMIT_LONGEST_US = 10000000, /* a disk that takes longer is taken not to answer */
	LOG_FOR_MS = 60000,	      /* lines that were dropped are a reason for so long */
	ZONES_NAMED = 3,	      /* in a sentence; of others only the number */
};

static bool has_commits(struct daemon *d, char *text)
{
	uint64_t now_us = base_clock_steady_us();
	struct registry_stats s;

	registry_registrar_stats(d->registrar, &s);
	if (s.commit_began_us > 0 && now_us > s.commit_began_us + COMMIT_LONGEST_US) {
		snprintf(text, DAEMON_HEALTH_TEXT_MAX,
			 "a commit has not ended for %llu seconds: the disk does not answer",
			 (unsigned long long)(now_us - s.commit_began_us) / 1000000);
		return true;
	}
	if (s.commit_error > 0)
		snprintf(text, DAEMON_HEALTH_TEXT_MAX, "the last commit to the store failed: %s",
			 strerror((int)s.commit_error));
	return s.commit_error > 0;
}

static bool has_config(struct daemon *d, char *text)
{
	if (d->is_config_refused)
		strcpy(text, "the configuration is invalid: the one before it is in force");
	return d->is_config_refused;
}

/* ---- zones ---- */

typedef bool (*zone_fn)(const struct hosting_zone *h);

static bool is_unsaved(const struct hosting_zone *h)
{
	return atomic_load_explicit(&h->is_unsaved, memory_order_relaxed);
}

static bool is_not_served(const struct hosting_zone *h)
{
	return h->file != NULL && zone_current(h->zone) == NULL;
}

static bool is_out_of_date(const struct hosting_zone *h)
{
	return h->file != NULL && !is_not_served(h) &&
	       atomic_load_explicit(&h->file_state, memory_order_relaxed) != HOSTING_FILE_SERVED;
}

/* Writes `what` and the names of the zones that `is_meant` is true for. Returns whether there are
 * any. */
static bool zones_list(const struct daemon *d, char *text, const char *what, zone_fn is_meant)
{
	int n = snprintf(text, DAEMON_HEALTH_TEXT_MAX, "%s:", what);
	unsigned count = 0;

	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		char name[DNS_NAME_TEXT_MAX];

		if (!is_meant(h))
			continue;
		dns_name_to_text(name, zone_name(h->zone));
		if (count++ < ZONES_NAMED && n < DAEMON_HEALTH_TEXT_MAX)
			n += snprintf(text + n, (size_t)(DAEMON_HEALTH_TEXT_MAX - n), " %.120s",
				      name);
	}
	if (count > ZONES_NAMED && n < DAEMON_HEALTH_TEXT_MAX)
		snprintf(text + n, (size_t)(DAEMON_HEALTH_TEXT_MAX - n), " and %u more",
			 count - ZONES_NAMED);
	return count > 0;
}

static bool has_checkpoints(struct daemon *d, char *text)
{
	return zones_list(d, text, "checkpoints cannot be written, the store grows", is_unsaved);
}

static bool has_zones(struct daemon *d, char *text)
{
	return zones_list(d, text, "zones are not served, as their files are refused",
			  is_not_served) ||
	       zones_list(d, text, "zones are served without the changes of their files",
			  is_out_of_date);
}

/* ---- the log, the metrics ---- */

static bool has_log(struct daemon *d, char *text)
{
	uint64_t now_ms = base_clock_steady_ms();
	struct base_log_stats s;

	base_log_get_stats(&s);
	if (s.dropped > d->log_ndropped)
		d->log_dropped_ms = now_ms;
	d->log_ndropped = s.dropped;
	if (d->log_dropped_ms == 0 || now_ms > d->log_dropped_ms + LOG_FOR_MS)
		return false;
	snprintf(text, DAEMON_HEALTH_TEXT_MAX,
		 "lines of the log are dropped, nobody reads it in time: %llu since the start",
		 (unsigned long long)s.dropped);
	return true;
}

static bool has_metrics(struct daemon *d, char *text)
{
	if (d->is_web_failed)
		strcpy(text, "metrics cannot be served: see the log");
	return d->is_web_failed;
}

static bool has_lan(struct daemon *d, char *text)
{
	return daemon_bridge_has_problem(d, text, DAEMON_HEALTH_TEXT_MAX);
}

/* By enum daemon_health_reason. */
static const struct {
	const char *word;
	bool (*has)(struct daemon *d, char *text);
} reasons[DAEMON_HEALTH_REASONS] = {
	{"commits", has_commits}, {"checkpoints", has_checkpoints},
	{"config", has_config},	  {"zones", has_zones},
	{"log", has_log},	  {"metrics", has_metrics},
	{"lan", has_lan},
};

const char *daemon_health_word(enum daemon_health_reason reason)
{
	return reasons[reason].word;
}

bool daemon_health_has(struct daemon *d, enum daemon_health_reason reason,
		       char text[static DAEMON_HEALTH_TEXT_MAX])
{
	return reasons[reason].has(d, text);
}

/* Writes `serving`, or all reasons. */
static void status_write(struct daemon *d, char text[static DAEMON_HEALTH_TEXT_MAX])
{
	char sentence[DAEMON_HEALTH_TEXT_MAX];
	size_t n = 0;

	strcpy(text, "serving");
	for (int i = 0; i < DAEMON_HEALTH_REASONS && n < DAEMON_HEALTH_TEXT_MAX; i++)
		if (reasons[i].has(d, sentence))
			n += (size_t)snprintf(text + n, DAEMON_HEALTH_TEXT_MAX - n, "%s%s: %s",
					      n == 0 ? "unwell: " : "; ", reasons[i].word,
					      sentence);
}

void daemon_health_notify(struct daemon *d, bool is_ready)
{
	char status[DAEMON_HEALTH_TEXT_MAX];
	bool is_same;

	status_write(d, status);
	is_same = strcmp(d->status, status) == 0;
	snprintf(d->status, sizeof(d->status), "%s", status);
	if (is_ready)
		process_notify_ready(d->status);
	else if (!is_same)
		process_notify_status(d->status);
}
