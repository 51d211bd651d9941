/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* churn.h - the services of tests/bench/churn, what is said of them, and the kinds of load. One
 * thread. */
#pragma once

#include "../load.h"

/* As TXT says it; a service that is starting, draining or failed is not browsed. */
enum churn_state { CHURN_UP, CHURN_STARTING, CHURN_DRAINING, CHURN_FAILED, CHURN_STATES };

struct churn_service {
	uint32_t id;   /* of all services */
	uint32_t type; /* number of its service type */
	uint32_t inc;
	uint16_t node, port;
	uint8_t state; /* enum churn_state */
};

enum { CHURN_NODES = 100 };

/* The service type of each of `nservices`: from types of a single one to types of 2,900. */
void churn_types(struct churn_service *services, uint32_t nservices);

/* Writes the registration of a service, which is also its refresh: SRV and TXT in the place of what
 * was there. */
size_t churn_register(const struct subject *about, const struct churn_service *v,
		      uint8_t out[MESSAGE_MAX]);

/* Writes an update that changes the SRV only. */
size_t churn_readdress(const struct subject *about, const struct churn_service *v,
		       uint8_t out[MESSAGE_MAX]);

/* Writes an update that removes all of it. */
size_t churn_remove(const struct subject *about, const struct churn_service *v,
		    uint8_t out[MESSAGE_MAX]);

/* What is asked for: SRV or TXT of an instance, SRV or PTR of its type, A of its node, what is not
 * there. */
enum churn_question {
	CHURN_ASK_SRV,
	CHURN_ASK_TXT,
	CHURN_ASK_TYPE_SRV,
	CHURN_ASK_PTR,
	CHURN_ASK_NODE,
	CHURN_ASK_NOTHING
};

/* Writes a query about a service, without an ID. */
size_t churn_query(const struct subject *about, const struct churn_service *v,
		   enum churn_question question, uint8_t out[MESSAGE_MAX]);

/* Signs a message as the service's owner, and sends it; its answer says `number`. False if it
 * cannot be sent now. There must be room for SIGNATURE_MAX more. */
bool churn_send(struct load *l, uint8_t *msg, size_t nbytes, uint32_t service, uint32_t number);

/* Says `line`, and waits for who started us to have looked at weftd. */
void churn_tell(const char *line);

/* The kinds of load; each returns the exit status.
 *
 * What an update costs in a type of l->nservices: size.c. */
int churn_size(struct load *l, unsigned window, uint32_t count);

/* Services that live, `seconds` long, with `window` in flight at first: life.c. Each has its turn
 * every `interval_s`, of the turns such a part is a change. */
int churn_life(struct load *l, unsigned window, double seconds, double interval_s, double changes);

/* Queries about all services for so long, `window` in flight: ask.c. */
int churn_ask(struct load *l, unsigned window, double seconds);
