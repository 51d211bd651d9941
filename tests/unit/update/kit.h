/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/kit.h - a world for tests of updates: a zone lab.cloud without leases and without a
 * service view, requests and records as text.
 *
 * A request is written as lines, one for each record: CLASS TTL OWNER TYPE [RDATA]. The records of
 * a name are compared as text too: "TYPE TTL RDATA...", sorted by type, joined by "; ".
 *
 * Each function fails the running test on an error that its contract does not name. Link with
 * memory.c as memory.h demands. One thread. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/msg.h"
#include "dns/type.h"
#include "ledger/ledger.h"
#include "update/policy.h"
#include "update/update.h"
#include "view/view.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* The rdata of the zone's SOA with that serial. */
#define KIT_SOA(serial) "ns1.lab.cloud. admin.lab.cloud. " serial " 3600 600 86400 300"

/* A test with a new fixture of its own. */
#define KIT_TEST(name) \
	cmocka_unit_test_setup_teardown(name, kit_fixture_setup, kit_fixture_teardown)

struct kit_fixture {
	struct zone *zone;
	struct zone_draft *draft; /* of the batch, which all requests of a test share */
	struct ledger ledger;
	struct view view;
	struct update *update;
	struct update_policy *policy; /* at first the key kit_bench may do everything */
	struct update_result result;  /* of the last request */
	uint8_t msg[DNS_MSG_MAX];     /* the last request */
	size_t nbytes;
};

/* The wire name of the key that signs. */
extern const uint8_t kit_bench[];

/* An update that adds a TXT at marker.lab.cloud. */
extern const char kit_marker[];

/* An update that registers the instance web-9._http._tcp and its node: four new records, and a PTR
 * that makes five. */
extern const char kit_registration[];

/* Makes a fixture with the zone of the kit the state of a cmocka test. */
int kit_fixture_setup(void **state);

/* Frees the fixture that kit_fixture_setup made. */
int kit_fixture_teardown(void **state);

/* Registers the thread with RCU for a group of tests. */
int kit_threads_begin(void **state);

/* Ends what kit_threads_begin began. */
int kit_threads_end(void **state);

/* Writes a request to f->msg. */
void kit_message(struct kit_fixture *f, const char *prerequisites, const char *updates);

/* Runs a request of `nbytes` octets, signed by `key` (NULL: unsigned). Returns what update_run
 * returns. */
int kit_run(struct kit_fixture *f, const uint8_t *msg, size_t nbytes, const uint8_t *key);

/* Runs the request in f->msg, signed by `key` (NULL: unsigned), and checks that the result is
 * consistent. Returns the RCODE. */
int kit_send_as(struct kit_fixture *f, const uint8_t *key);

/* Writes a request and runs it, signed by kit_bench. Returns the RCODE. */
int kit_send(struct kit_fixture *f, const char *prerequisites, const char *updates);

/* Replaces the policy by `count` rules. */
void kit_policy(struct kit_fixture *f, const char *const *rules, size_t count);

/* Checks that the draft has exactly these records at `owner`; "" means none. */
void kit_assert_holds(struct kit_fixture *f, const char *owner, const char *expected);
