/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* load.h - what all kinds of load share: their options, sockets to weftd, and what is in flight.
 *
 * Several connected sockets, so that the kernel spreads the load over weftd's workers. An ID is
 * used by one message of a socket at a time. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

enum { LOAD_SOCKETS = 8, LOAD_LOST_MS = 1000, LOAD_RCODE_LOST = 99 };

enum load_kind { LOAD_NOTHING, LOAD_UPDATE, LOAD_QUERY };

/* A message in flight. */
struct load_flight {
	uint64_t sent_us;
	uint32_t service;
	uint8_t kind; /* enum load_kind */
};

/* What every load is given: server, zone, keys, number of services and lease. */
struct load_options {
	const char *address, *port, *zone, *keys;
	unsigned services, lease_s;
};

struct load {
	uint8_t zone[DNS_NAME_MAX];
	int fd[LOAD_SOCKETS];
	struct load_flight *flight[LOAD_SOCKETS]; /* by ID */
	uint16_t id[LOAD_SOCKETS];
	unsigned turn;
	struct subject about;
	struct signer *signers;
	unsigned nsigners;
	uint32_t nservices;
	uint64_t sent, answered, lost, errors;
	unsigned in_flight;
};

/* An answer: the message that it answers, its RCODE and number of answer records. */
struct load_answer {
	struct load_flight flight;
	unsigned rcode, nanswers;
};

/* Takes option `c`, whose argument is optarg, if it is -a, -p, -z or -k. */
bool load_option(struct load_options *o, int c);

/* Returns whether all four of these options were given. */
bool load_options_are_whole(const struct load_options *o);

/* Runs a measurement, which is given `arg` and a load made by the options. Returns what it
 * returns; 1 if it could not be begun, after a message; 2 if the zone's name is invalid. */
int load_run(const struct load_options *o, int (*measure)(struct load *l, const void *arg),
	     const void *arg);

/* Connects the sockets. Returns 0, or -1 after a message. */
int load_open(struct load *l, const char *address, const char *port);
void load_close(struct load *l);

/* Reads the keys: lines of name and secret. Returns 0, or -1 after a message. */
int load_keys(struct load *l, const char *path);

/* Returns the monotonic clock in microseconds. */
uint64_t load_now_us(void);

/* Returns the key that signs for a service. */
const struct signer *load_signer(const struct load *l, uint32_t service);

/* Finds an ID and the number of a socket for the next message. Returns false if its ID is still
 * in flight. */
bool load_next(struct load *l, unsigned *socket, uint16_t *id);

/* Sends a message that has that ID on that socket. */
void load_send(struct load *l, unsigned socket, uint16_t id, const uint8_t *msg, size_t nbytes,
	       enum load_kind kind, uint32_t service);

/* Takes all answers that have come, waiting up to `wait_us` for the first; calls `take` with
 * each. */
void load_take(struct load *l, uint64_t wait_us,
	       void (*take)(void *arg, const struct load_answer *a), void *arg);

/* Gives up messages that were sent too long ago: calls `take` with LOAD_RCODE_LOST for each. */
void load_give_up(struct load *l, void (*take)(void *arg, const struct load_answer *a), void *arg);
