/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* churn.h - the services of tests/bench/churn, the messages about them, and the kinds of load.
 * One thread. */
#pragma once

#include "../load.h"

/* The state in a service's TXT. A service that is starting, draining or failed is not browsed. */
enum churn_state { CHURN_UP, CHURN_STARTING, CHURN_DRAINING, CHURN_FAILED, CHURN_STATES };

struct churn_service {
	uint32_t id;   /* of all services */
	uint32_t type; /* number of its service type */
	uint32_t inc;
	uint16_t node, port;
	uint8_t state; /* enum churn_state */
};

enum { CHURN_NODES = 100 };

/* Sets the service type of each of `nservices`: from types of a single instance to types of
 * 2,900. */
void churn_types(struct churn_service *services, uint32_t nservices);

/* Writes the registration of a service, which is also its refresh: it replaces SRV and TXT. */
size_t churn_register(const struct subject *about, const struct churn_service *v,
		      uint8_t out[MESSAGE_MAX]);

/* Writes an update that changes the SRV only. */
size_t churn_readdress(const struct subject *about, const struct churn_service *v,
		       uint8_t out[MESSAGE_MAX]);

/* Writes an update that removes all records of the service. */
size_t churn_remove(const struct subject *about, const struct churn_service *v,
		    uint8_t out[MESSAGE_MAX]);

/* What is asked for: SRV or TXT of an instance, SRV or PTR of its type, A of its node, or a name
 * that does not exist. */
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

/* Signs a message as the service's owner and sends it; its answer is reported with `number`.
 * Returns false if it cannot be sent now. `msg` must have room for SIGNATURE_MAX more octets. */
bool churn_send(struct load *l, uint8_t *msg, size_t nbytes, uint32_t service, uint32_t number);

/* Prints `line`, and waits until the script that started this program has read weftd's figures. */
void churn_tell(const char *line);

/* The kinds of load; each returns the exit status.
 *
 * Measures what an update costs in a type of l->nservices instances: size.c. */
int churn_size(struct load *l, unsigned window, uint32_t count);

/* Runs services that live, for `seconds`, with `window` messages in flight at first: life.c.
 * Each service has its turn every `interval_s`; `changes` is the share of turns that are changes.
 */
int churn_life(struct load *l, unsigned window, double seconds, double interval_s, double changes);

/* Sends queries about all services for `seconds`, with `window` in flight: ask.c. */
int churn_ask(struct load *l, unsigned window, double seconds);
