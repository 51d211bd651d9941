/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fake.h - a registry, and a resolver, inside of the test's process, and a clock of its own.
 *
 * Replaces locate/ask.h and resolve/lookup.h in the whole program: list fake.c among its sources.
 * Answers are whole messages, made of records that are given as text, and are read as those of a
 * server are. The clock moves to the next time at which something is due. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/events.h"

/* `TXT` has strings with `|` between, `SRV` four words; names end without dot. */
struct fake_record {
	const char *owner;
	const char *type;
	uint32_t ttl;
	const char *rdata;
};

enum fake_manner {
	FAKE_ANSWERS,
	FAKE_IS_SILENT,
	FAKE_REFUSES,	/* all registries, at once */
	FAKE_FAILS,	/* none of them can be reached */
	FAKE_IS_ABSENT, /* no registry is known */
};

/* Takes a message in the making. */
struct fake_message {
	uint8_t bytes[65535];
	size_t nbytes;
	unsigned nanswer, nauthority, nadditional;
};

struct fake {
	struct resolve_events events;
	uint64_t now_ms;
	enum fake_manner manner;
	uint64_t delay_ms;
	const struct fake_record *records;
	size_t nrecords;
	bool has_no_additional, has_no_soa, has_no_aa;
	uint32_t soa_ttl;
	const char *without;  /* a type that is not added to the additional section */
	const char *refused;  /* a name that the registry refuses, or NULL */
	const char *referred; /* a name for which it refers to other servers, or NULL */
	const char *resolver; /* the address of all hosts, at the resolvers; NULL: they refuse */
	bool is_unknown;      /* at the resolvers no host exists */
	/* Writes the records of an answer, instead of those of `records`; NULL: no lies. */
	void (*lie)(struct fake_message *m, const uint8_t *name, uint16_t type);
	unsigned nasked, nresolved, ninflight, most_inflight;
	char log[4096]; /* `TYPE NAME\n` of each question */
};

extern struct fake fake;

/* Begins anew, with a clock at 1,000 s. */
void fake_start(const struct fake_record *records, size_t nrecords);
void fake_end(void);

/* Adds a record to the message; `section` is that of enum resolve_section, in its order. */
void fake_add(struct fake_message *m, unsigned section, const struct fake_record *record);

/* Writes a whole message with the records of a function, or of `fake`. */
size_t fake_write(struct fake_message *m, uint16_t id, const uint8_t *name, uint16_t type);

/* Goes on until `*is_done`, or until the clock is at `until_ms`. Returns whether it is done. */
bool fake_run(const bool *is_done, uint64_t until_ms);
