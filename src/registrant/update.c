/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct registrant_update {
	struct registrant *r; /* NULL: that is gone, or the update has ended */
	struct registrant_update *next, **link;
	struct registrant_sender *sender;
	registrant_update_fn done;
	void *arg;
};

static void stop(struct registrant_update *u)
{
	if (u->r == NULL)
		return;
	registrant_sender_free(u->sender);
	u->sender = NULL;
	*u->link = u->next;
	if (u->next != NULL)
		u->next->link = u->link;
	u->r = NULL;
}

/* The owner may free the update, and all else: the sender, whose text this is, ends before. */
static void on_sent(void *arg, const struct registrant_result *result, uint64_t now_ms)
{
	struct registrant_update *u = arg;
	int error = result->error;
	uint16_t rcode = error == 0 ? result->rcode : 0;
	char why[REGISTRANT_WHY_MAX];

	snprintf(why, sizeof(why), "%s", result->why);
	stop(u);
	u->done(u->arg, error, rcode, why, now_ms);
}

int registrant_update_new(struct registrant_update **out, struct registrant *r, uint8_t *take_msg,
			  size_t nbytes, uint64_t deadline_ms, registrant_update_fn done, void *arg)
{
	struct registrant_update *u = calloc(1, sizeof(*u));

	if (u == NULL || registrant_sender_new(&u->sender, &r->signing, take_msg, nbytes,
					       deadline_ms, on_sent, u) < 0) {
		free(take_msg);
		free(u);
		return -ENOMEM;
	}
	u->r = r;
	u->done = done;
	u->arg = arg;
	u->next = r->updates;
	u->link = &r->updates;
	if (u->next != NULL)
		u->next->link = &u->next;
	r->updates = u;
	*out = u;
	return 0;
}

void registrant_update_free(struct registrant_update *u)
{
	if (u == NULL)
		return;
	stop(u);
	free(u);
}

void registrant_update_fini(struct registrant *r)
{
	while (r->updates != NULL)
		stop(r->updates);
}
