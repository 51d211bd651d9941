/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "dns/type.h"
#include "registrant/clocks.h"

int declare_zone_open(struct declare_zone *z, const struct cli_options *options)
{
	int status;

	*z = (struct declare_zone){.limit_ms = setup_known_limit_ms(options)};
	status = setup_known_init_zone(&z->known, options, z->name);
	if (status != CLI_OK)
		return status;
	dns_name_labels_to_text(z->text, z->name, dns_name_labels(z->name));
	z->signing = (struct registrant_signing){
		.events = &z->known.events,
		.locate = z->known.locate,
		.clocks = &registrant_clocks_system,
	};
	return CLI_OK;
}

void declare_zone_close(struct declare_zone *z)
{
	setup_known_fini(&z->known);
}

int declare_zone_read(struct declare_zone *z, struct atlas **out)
{
	struct base_error error = {0};
	int ret = atlas_read(out, z->known.locate, &z->known.events, z->name, z->limit_ms, &error);

	if (ret == 0)
		return CLI_OK;
	cli_error("%s", error.text);
	return setup_known_status(ret);
}

size_t declare_zone_room(const struct declare_zone *z)
{
	return registrant_sender_room(&z->signing);
}

/* An update on its way. */
struct sending {
	bool is_over;
	enum declare_sent sent;
	char *why;
};

static enum declare_sent sent_of(const struct registrant_result *r)
{
	/* A registry that is silent may have done it; the next one was asked, too. */
	if (r->error == -ETIMEDOUT || (r->error == -EHOSTUNREACH && !r->is_turned_away))
		return DECLARE_UNKNOWN;
	if (r->error != 0)
		return DECLARE_REFUSED;
	switch (r->rcode) {
	case DNS_RCODE_NOERROR:
		return DECLARE_SENT;
	case DNS_RCODE_NXDOMAIN:
	case DNS_RCODE_YXDOMAIN:
	case DNS_RCODE_NXRRSET:
	case DNS_RCODE_YXRRSET:
		return DECLARE_CONFLICT;
	default:
		return DECLARE_REFUSED;
	}
}

static void on_done(void *arg, const struct registrant_result *result, uint64_t now_ms)
{
	struct sending *s = arg;

	(void)now_ms;
	s->is_over = true;
	s->sent = sent_of(result);
	snprintf(s->why, DECLARE_WHY_MAX, "%s", result->why);
}

enum declare_sent declare_zone_send(struct declare_zone *z, uint8_t *msg, size_t nbytes,
				    char why[static DECLARE_WHY_MAX])
{
	struct sending s = {.sent = DECLARE_UNKNOWN, .why = why};
	uint64_t now_ms = base_clock_steady_us() / 1000, end_ms = now_ms + z->limit_ms;
	struct registrant_sender *sender = NULL;

	snprintf(why, DECLARE_WHY_MAX, "no registry has answered in time");
	if (registrant_sender_new(&sender, &z->signing, msg, nbytes, end_ms, on_done, &s) < 0) {
		free(msg);
		snprintf(why, DECLARE_WHY_MAX, "out of memory");
		return DECLARE_REFUSED;
	}
	while (!s.is_over && now_ms <= end_ms + 1000)
		now_ms = resolve_events_wait(&z->known.events, end_ms + 1000);
	registrant_sender_free(sender);
	return s.sent;
}
