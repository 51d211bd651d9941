/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/survey.h - the sessions of a worker, for commands that show them or wait for them.
 *
 * The worker copies, some sessions at a time, so that its clients do not wait; the copy is then
 * read by the thread that asked. A survey made in parts is not of one moment. It knows no command.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/name.h"
#include "server/worker.h"
#include "stream/dso.h"

struct zone;

/* A change whose subscribers are looked for. */
struct stream_survey_change {
	const struct zone *zone; /* an address that is only compared */
	uint64_t version;	 /* of the zone, that the change makes */
	uint64_t number;	 /* of all changes (server_nchanges), at least that of this one */
	const uint8_t *names;	 /* owners of its records: wire names in lower case, each after the
				    one before */
	size_t nbytes;		 /* of `names` */
};

/* One session. */
struct stream_surveyed {
	char client[BASE_ADDRESS_TEXT_MAX];
	uint8_t key[DNS_NAME_MAX]; /* of the client's certificate; the root: none that is good */
	enum server_transport transport;
	uint64_t age_ms;
	uint32_t nsubscriptions;
	size_t nunsent;	  /* bytes */
	size_t at, count; /* its subscriptions in `names`, if they are wanted */
};

struct stream_survey {
	struct server_call call; /* first; .run is stream_survey_run */

	/* set by the caller */
	const struct stream_survey_change *change; /* only sessions whose TCP has not acknowledged
						      this yet; NULL: all */
	const char *client; /* only those of this client, with its port or without; NULL: all */
	bool has_names;	    /* with their subscriptions, those to names of the change */
	void (*done)(struct stream_survey *s); /* called in the worker's thread at the end */

	/* the result */
	struct stream_surveyed *items;
	size_t count, capacity;
	uint8_t *names; /* of each subscription the type, two bytes, and the wire name */
	size_t nnames, names_capacity;
	bool is_delivering; /* the worker has not handed the change to its sessions yet */
	bool is_short;	    /* memory was short: some sessions are missing */

	/* the worker's, until `done` is called */
	bool has_begun;
	struct stream_walk walk;
};

/* Goes on with a survey, which is a struct stream_survey. The type is that of server_call.run. */
void stream_survey_run(struct server_worker *w, struct server_call *call);

/* Frees the result. */
void stream_survey_fini(struct stream_survey *s);

/* Reads the subscription at offset `*at` of the names, and moves `*at` to the next one. Returns its
 * name. */
const uint8_t *stream_survey_name(const struct stream_survey *s, size_t *at, uint16_t *type);
