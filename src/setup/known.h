/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/known.h - the registries and the domain that a command finds, as programs find them.
 *
 * Waits, but no longer than it is given. Writes messages to standard error. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "locate/locate.h"

struct cli_options;

struct setup_known {
	struct resolve_events events;
	struct locate *locate;

	/* private */
	struct locate_waiter waiter;
	bool is_known;
};

/* Reads the options, the environment and the files. Returns an exit status, after a message unless
 * it is CLI_OK; then setup_known_fini is owed. */
int setup_known_init(struct setup_known *k, const struct cli_options *options);

/* Calls setup_known_init and writes the name of the fabric's zone: the domain of the options; else,
 * of a key that is a fabric's (KEY.keys.ZONE), its zone; else the domain that names are completed
 * with. Returns what setup_known_init does. */
int setup_known_init_zone(struct setup_known *k, const struct cli_options *options,
			  uint8_t zone[static DNS_NAME_MAX]);

void setup_known_fini(struct setup_known *k);

/* Waits until registries are known, or are known to be none, at most `limit_ms`. */
void setup_known_wait(struct setup_known *k, uint64_t limit_ms);

/* Returns how long to wait for a registry's answer: as long as --timeout has it, or else 10
 * seconds. */
uint32_t setup_known_limit_ms(const struct cli_options *options);

/* Returns the exit status after an error, a negative errno, of a request to the registries:
 * CLI_NO_SERVER if there is none or none has answered. */
int setup_known_status(int error);

/* Returns whether it is known only because nothing else is: a resolver of this host. */
bool setup_known_is_resolver(const struct locate_registry *r);

/* Returns the first host of a list of registries of which no address is known, as text in `out`, or
 * NULL. */
const char *setup_known_missing(const struct setup_known *k, const char *list,
				char out[static DNS_NAME_TEXT_MAX]);
