/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/registration.h"

#include <errno.h>
#include <stdio.h>

static void forget(struct agent_registration *r)
{
	if (r->is_ending)
		r->agent->nending--;
	r->service = NULL;
	r->is_registered = r->is_ending = false;
	r->error = 0;
	agent_words_clear(&r->why);
}

static void on_event(void *arg, enum registrant_event event, int error, const char *why,
		     uint64_t now_ms)
{
	struct agent_registration *r = arg;
	struct registrant_service *service = r->service;

	(void)now_ms;
	switch (event) {
	case REGISTRANT_DONE:
	case REGISTRANT_RENAMED:
		r->is_registered = true;
		r->error = 0;
		agent_words_clear(&r->why);
		break;
	case REGISTRANT_FAILED:
		r->is_registered = registrant_service_lease_s(service) > 0;
		r->error = error;
		agent_words_set(&r->why, "%s", why);
		break;
	case REGISTRANT_LOST:
		r->is_registered = false;
		r->has_gap = true;
		break;
	case REGISTRANT_ENDED:
		forget(r);
		registrant_service_free(service);
		break;
	}
	r->on_change(r->arg);
}

int agent_registration_set(struct agent_registration *r, const struct registrant_settings *settings)
{
	if (r->is_ending)
		return -EBUSY;
	if (r->service != NULL)
		return registrant_service_change(r->service, settings);
	return registrant_service_new(&r->service, r->agent->registrant, settings, on_event, r);
}

void agent_registration_end(struct agent_registration *r)
{
	if (r->service == NULL || r->is_ending)
		return;
	r->is_ending = true;
	r->agent->nending++;
	registrant_service_end(r->service);
}

void agent_registration_drop(struct agent_registration *r)
{
	struct registrant_service *service = r->service;

	forget(r);
	registrant_service_free(service);
}

bool agent_registration_is_silent(const struct agent_registration *r)
{
	return r->error == -EHOSTUNREACH || r->error == -ETIMEDOUT || r->error == -EADDRNOTAVAIL;
}
