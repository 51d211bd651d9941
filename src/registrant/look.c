/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "registrant/fate.h"
#include "registrant/queue.h"
#include "registrant/records.h"

enum { LOOK_MS = 5000 };

static void txt_read(struct registrant_present *out, const uint8_t *txt, size_t ntxt)
{
	size_t nstate = 0;
	const uint8_t *state = dnssd_txt_find(txt, ntxt, "state", &nstate);
	uint64_t incarnation = registrant_records_incarnation(txt, ntxt);
	bool is_first = !out->is_there;

	out->is_there = true;
	out->state = dnssd_txt_state(state, nstate);
	if (incarnation > out->incarnation)
		out->incarnation = incarnation;
	out->ntxt = is_first && ntxt <= sizeof(out->txt) ? (uint16_t)ntxt : 0;
	memcpy(out->txt, txt, out->ntxt);
}

void registrant_look_read(struct registrant_present *out, const uint8_t *name,
			  struct resolve_answer *answer)
{
	struct resolve_answer_record *r = malloc(sizeof(*r));

	*out = (struct registrant_present){.is_known = true};
	while (r != NULL && resolve_message_next(answer, r))
		if (r->section == RESOLVE_ANSWER && r->type == DNS_TYPE_TXT &&
		    dns_name_equal(r->owner, name))
			txt_read(out, r->rdata, r->nbytes);
	/* Short memory must not look like an empty place: what is there is not known. */
	if (r == NULL)
		out->is_known = false;
	free(r);
}

static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	struct registrant_service *s = arg;
	struct registrant *r = s->r;
	struct locate_ask *done = s->ask;
	struct registrant_present read;

	s->ask = NULL;
	r->nlooks--;
	s->place = REGISTRANT_WAITS;
	if (r->to_look.n > 0)
		resolve_timer_set(&r->events->timers, &r->look, 0);
	if (answer != NULL)
		registrant_look_read(&read, s->name, answer);
	if (answer == NULL)
		registrant_fate_not_looked(s, error == -ENOENT ? -EADDRNOTAVAIL : error, why,
					   now_ms);
	else if (!read.is_known)
		registrant_fate_not_looked(s, -ENOMEM, "out of memory", now_ms);
	else
		registrant_fate_looked(s, &read, now_ms);
	locate_ask_free(done);
}

void registrant_look_run(void *arg, uint64_t now_ms)
{
	struct registrant *r = arg;

	while (r->nlooks < REGISTRANT_LOOKS_MAX && r->to_look.n > 0) {
		struct registrant_service *s = r->to_look.first;

		registrant_queue_take(s);
		if (locate_ask_new(&s->ask, r->locate, s->name, DNS_TYPE_TXT, now_ms + LOOK_MS,
				   on_answer, s) < 0) {
			registrant_fate_not_looked(s, -ENOMEM, "out of memory", now_ms);
			continue;
		}
		s->place = REGISTRANT_LOOKS;
		r->nlooks++;
	}
}
