/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dnssd/fabric_name.h"
#include "history/event.h"
#include "history/kept.h"
#include "history/sender.h"
#include "registrant/clocks.h"

struct history {
	uint8_t zone[DNS_NAME_MAX];
	char node[DNS_NAME_TEXT_MAX];
	struct history_kept kept;
	struct history_sender sender;
};

static int settings_check(const struct history_settings *s, struct base_error *error)
{
	static const char longest[] = "18446744073709551615-18446744073709551615";
	uint8_t name[DNS_NAME_MAX];

	if (s->node[0] == '\0' || strlen(s->node) >= HISTORY_TEXT_MAX)
		return base_error_set(error, -EINVAL, "the name of the node is too long");
	if (dnssd_fabric_name_write(name, DNSSD_FABRIC_EVENT, longest, s->zone) == 0)
		return base_error_set(error, -EINVAL, "the name of the zone is too long");
	return 0;
}

int history_new(struct history **out, struct resolve_events *events, struct registrant *r,
		const struct history_settings *settings, struct base_error *error)
{
	int ret = settings_check(settings, error);
	struct history *h;

	if (ret < 0)
		return ret;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	memcpy(h->zone, settings->zone, dns_name_nbytes(settings->zone));
	snprintf(h->node, sizeof(h->node), "%s", settings->node);
	h->kept.clocks = settings->clocks != NULL ? settings->clocks : &registrant_clocks_system;
	h->kept.node = h->node;
	h->kept.report = settings->report;
	h->kept.report_arg = settings->report_arg;
	ret = history_kept_open(&h->kept, settings->folder, error);
	if (ret < 0) {
		free(h);
		return ret;
	}
	history_sender_init(&h->sender, &(struct history_sender_settings){.events = events,
									  .registrant = r,
									  .kept = &h->kept,
									  .zone = h->zone});
	history_set_keep(h, settings->keep);
	*out = h;
	return 0;
}

void history_free(struct history *h)
{
	if (h == NULL)
		return;
	history_sender_fini(&h->sender);
	history_kept_close(&h->kept);
	free(h);
}

static const char *text_or_none(const char *text)
{
	return text == NULL ? "" : text;
}

int history_add(struct history *h, const char *what, const char *of, const char *why)
{
	const struct history_event_parts parts = {
		.time_ms = h->kept.clocks->wall_ms(h->kept.clocks->arg),
		.node = h->node,
		.what = text_or_none(what),
		.of = text_or_none(of),
		.why = text_or_none(why),
	};
	int ret;

	if (parts.what[0] == '\0')
		return -EINVAL;
	ret = history_kept_add(&h->kept, &parts);
	history_sender_wake(&h->sender);
	return ret;
}

void history_hurry(struct history *h)
{
	history_sender_hurry(&h->sender);
}

void history_set_keep(struct history *h, uint32_t keep)
{
	history_sender_set_keep(&h->sender, keep == 0 ? HISTORY_KEEP : keep);
}

size_t history_nwaiting(const struct history *h)
{
	return h->kept.content.nwaiting;
}

uint64_t history_ndropped(const struct history *h)
{
	return h->kept.ndropped;
}

void history_flush(struct history *h, uint64_t deadline_ms, history_flushed_fn done, void *arg)
{
	history_sender_flush(&h->sender, deadline_ms, done, arg);
}
