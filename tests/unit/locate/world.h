/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* world.h - little DNS servers on loopback, in the test's own process, and a clock of its own.
 *
 * The clock moves only when nobody has anything to do, and then to the next time at which something
 * is due: tests wait for nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locate/locate.h"
#include "resolve/events.h"

struct dns_header;
struct dns_question;
struct dns_writer;

enum { WORLD_SERVERS = 4, WORLD_CONNECTIONS = 8 };

/* What a server does with a query. */
enum world_manner {
	WORLD_ANSWERS,
	WORLD_IS_SILENT,
	WORLD_REFUSES,
	WORLD_FAILS,	  /* SERVFAIL */
	WORLD_LACKS_EDNS, /* FORMERR to an OPT record */
	WORLD_TRUNCATES,  /* over UDP */
	WORLD_MISTAKES_ID,
	WORLD_MISTAKES_NAME,
	WORLD_IS_CUT_SHORT, /* a record is missing */
	WORLD_RAVES,	    /* many messages with other ids, and no answer */
	WORLD_CLOSES,	    /* a connection instead of answering */
	WORLD_MANNERS,
};

/* Writes the records of an answer, and counts them in the header, which has an RCODE of 0. */
typedef void (*world_answer_fn)(const struct dns_question *q, struct dns_header *h,
				struct dns_writer *w);

struct world_server {
	enum world_manner manner;
	int udp, tcp, connections[WORLD_CONNECTIONS];
	struct resolve_endpoint endpoint;
	unsigned nudp, ntcp, naccepted; /* queries, and connections */
	world_answer_fn on_query;	/* NULL: as `manner` is */
};

struct world {
	struct resolve_events events;
	struct world_server servers[WORLD_SERVERS];
	size_t nservers;
	uint64_t now_ms;
	char list[512]; /* of all servers, for locate_settings.registry */
};

/* Starts N servers, which answer each query for an address with 192.0.2.N and all others with
 * nothing, on loopback. */
void world_start(struct world *w, size_t nservers);
void world_end(struct world *w);

/* Makes a server's UDP port closed. */
void world_server_end(struct world_server *s);

/* Lets servers and client go on until `*is_done`, or until the clock is at `until_ms`. Returns
 * whether it is done. */
bool world_run(struct world *w, const bool *is_done, uint64_t until_ms);
