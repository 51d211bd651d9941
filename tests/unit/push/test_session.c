/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/type.h"
#include "push/session.h"

/* All times are relative to this one. */
#define T UINT64_C(1000000)
#define NEVER UINT64_MAX
#define FOREVER DNS_DSO_INFINITE

/* A session, the message that it got last, and what it has written. */
static struct push_session session;
static struct push_session_rules rules;
static struct dns_dso message;
static uint8_t bytes[2 * DNS_DSO_PAD_RESPONSE];
static struct base_out out;

static int set_up(void **state)
{
	(void)state;
	push_session_init(&session);
	rules = (struct push_session_rules){.longest = {15000, 3600000}, .is_permitted = true};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	push_session_fini(&session);
	return 0;
}

/* Receives a message; what it writes goes to `bytes`. */
static enum push_session_verdict receive_at(uint64_t now_ms, const char *msg, size_t nbytes)
{
	out = base_out_over(bytes, sizeof(bytes));
	return push_session_receive(&session, &rules, (const uint8_t *)msg, nbytes, now_ms,
				    &message, &out);
}

#define COUNTS "\0\0\0\0\0\0\0\0"
#define REQUEST(id, tlvs) "\0" id "\x30\0" COUNTS tlvs
#define UNIDIRECTIONAL(tlvs) "\0\0\x30\0" COUNTS tlvs
#define RESPONSE(id) "\0" id "\xb0\0" COUNTS
#define KEEPALIVE "\0\1\0\10\0\0\0\x64\0\0\0\x64" /* 100 ms, 100 ms */
#define SUBSCRIBE "\0\x40\0\5\0\0\1\0\1"
#define UNSUBSCRIBE "\0\x42\0\2\0\7"
#define RECONFIRM "\0\x43\0\5\0\0\1\0\1"
#define PUSH "\0\x41\0\0"
#define RETRY_DELAY "\0\2\0\4\0\0\0\0"
#define PADDING "\0\3\0\1x"
#define UNKNOWN "\xf8\0\0\1x"
#define RECEIVE_AT(now_ms, msg) receive_at(now_ms, msg, sizeof(msg) - 1)
#define RECEIVE(msg) RECEIVE_AT(T, msg)

/* Checks that the response has this id and RCODE, and these TLVs. */
static void check_response(uint8_t id, uint8_t rcode, const char *tlvs, size_t nbytes)
{
	const uint8_t header[] = {0, id, 0xb0, rcode, 0, 0, 0, 0, 0, 0, 0, 0};

	assert_int_equal(base_out_nbytes(&out), 12 + nbytes);
	assert_memory_equal(bytes, header, 12);
	assert_memory_equal(bytes + 12, tlvs, nbytes);
}

#define CHECK_RESPONSE(id, rcode, tlvs) check_response(id, rcode, tlvs, sizeof(tlvs) - 1)

/* Asks for timeouts, which establishes the session. */
static void ask_at(uint64_t now_ms, uint32_t inactivity_ms, uint32_t keepalive_ms)
{
	char msg[] = REQUEST("\1", KEEPALIVE);

	base_store32((uint8_t *)msg + 16, inactivity_ms);
	base_store32((uint8_t *)msg + 20, keepalive_ms);
	assert_int_equal(RECEIVE_AT(now_ms, msg), PUSH_SESSION_REPLY);
	assert_int_equal(session.state, PUSH_SESSION_ESTABLISHED);
}

static void establish(void)
{
	ask_at(T, 15000, 15000);
}

/* ---- establishment: sections 5.1 and 5.4.3 ---- */

static void a_keepalive_establishes_a_session(void **state)
{
	(void)state;
	assert_int_equal(RECEIVE(REQUEST("\7", KEEPALIVE)), PUSH_SESSION_REPLY);
	CHECK_RESPONSE(7, 0, "\0\1\0\10\0\0\0\x64\0\0\x27\x10");
	assert_int_equal(session.state, PUSH_SESSION_ESTABLISHED);
}

static void an_operation_establishes_a_session_by_noerror_only(void **state)
{
	(void)state;
	assert_int_equal(RECEIVE(REQUEST("\7", SUBSCRIBE)), PUSH_SESSION_OPERATION);
	assert_int_equal(message.primary.type, DNS_DSO_SUBSCRIBE);
	push_session_respond(&session, &rules, &message, DNS_RCODE_REFUSED, 0, T, &out);
	CHECK_RESPONSE(7, DNS_RCODE_REFUSED, "");
	assert_int_equal(session.state, PUSH_SESSION_NONE);
	assert_int_equal(RECEIVE(REQUEST("\7", SUBSCRIBE)), PUSH_SESSION_OPERATION);
	push_session_respond(&session, &rules, &message, DNS_RCODE_NOERROR, 0, T, &out);
	CHECK_RESPONSE(7, DNS_RCODE_NOERROR, "");
	assert_int_equal(session.state, PUSH_SESSION_ESTABLISHED);
}

static void no_error_establishes_a_session(void **state)
{
	(void)state;
	assert_int_equal(RECEIVE(REQUEST("\7", UNKNOWN)), PUSH_SESSION_REPLY);
	assert_int_equal(session.state, PUSH_SESSION_NONE);
	assert_int_equal(RECEIVE(REQUEST("\7", "\0\1\0\0")), PUSH_SESSION_REPLY);
	assert_int_equal(session.state, PUSH_SESSION_NONE);
	assert_int_equal(RECEIVE(REQUEST("\7", KEEPALIVE)), PUSH_SESSION_REPLY);
	assert_int_equal(session.state, PUSH_SESSION_ESTABLISHED);
}

static void a_connection_without_a_session_has_no_deadline(void **state)
{
	(void)state;
	assert_int_equal(push_session_deadline(&session, false), NEVER);
	assert_int_equal(push_session_due(&session, false, NEVER - 1), PUSH_SESSION_NOT_OVERDUE);
}

/* Section 5.1.1: another RCODE than DSOTYPENI means that DSO is not served. */
static void where_dso_is_not_served_each_request_is_not_implemented(void **state)
{
	(void)state;
	rules.is_permitted = false;
	assert_int_equal(RECEIVE(REQUEST("\7", KEEPALIVE)), PUSH_SESSION_REPLY);
	CHECK_RESPONSE(7, DNS_RCODE_NOTIMP, "");
	assert_int_equal(RECEIVE(REQUEST("\7", SUBSCRIBE)), PUSH_SESSION_REPLY);
	CHECK_RESPONSE(7, DNS_RCODE_NOTIMP, "");
	assert_int_equal(RECEIVE(REQUEST("\7", UNKNOWN)), PUSH_SESSION_REPLY);
	CHECK_RESPONSE(7, DNS_RCODE_NOTIMP, "");
	assert_int_equal(session.state, PUSH_SESSION_NONE);
	assert_int_equal(RECEIVE(UNIDIRECTIONAL(UNSUBSCRIBE)), PUSH_SESSION_ABORT);
}

/* ---- what each message leads to, without and with a session ---- */

static const struct {
	const char *name;
	const char *msg;
	size_t nbytes;
	enum push_session_verdict without, with;
	uint8_t rcode; /* with REPLY */
} messages[] = {
#define CASE(msg, without, with, rcode)                                                        \
	{                                                                                      \
#msg, msg, sizeof(msg) - 1, PUSH_SESSION_##without, PUSH_SESSION_##with, rcode \
	}
	/* requests */
	CASE(REQUEST("\7", KEEPALIVE), REPLY, REPLY, 0),
	CASE(REQUEST("\7", SUBSCRIBE), OPERATION, OPERATION, 0),
	/* unidirectional types: 5.4.1, 7.2.1, RFC 8765 6.3 */
	CASE(REQUEST("\7", UNSUBSCRIBE), ABORT, ABORT, 0),
	CASE(REQUEST("\7", RECONFIRM), ABORT, ABORT, 0),
	CASE(REQUEST("\7", PUSH), ABORT, ABORT, 0),
	CASE(REQUEST("\7", RETRY_DELAY), ABORT, ABORT, 0),
	CASE(UNIDIRECTIONAL(RETRY_DELAY), ABORT, ABORT, 0),
	CASE(UNIDIRECTIONAL(PUSH), ABORT, ABORT, 0),
	/* before the session is established none may come: 5.1 */
	CASE(UNIDIRECTIONAL(UNSUBSCRIBE), ABORT, OPERATION, 0),
	CASE(UNIDIRECTIONAL(RECONFIRM), ABORT, OPERATION, 0),
	/* requests must have an id: 5.4.1, 7.1 */
	CASE(UNIDIRECTIONAL(KEEPALIVE), ABORT, ABORT, 0),
	CASE(UNIDIRECTIONAL(SUBSCRIBE), ABORT, ABORT, 0),
	/* unknown types: 5.4.5 */
	CASE(REQUEST("\7", UNKNOWN), REPLY, REPLY, DNS_RCODE_DSOTYPENI),
	CASE(REQUEST("\7", "\0\0\0\0"), REPLY, REPLY, DNS_RCODE_DSOTYPENI),
	CASE(UNIDIRECTIONAL(UNKNOWN), ABORT, ABORT, 0),
	/* unknown or misplaced additional TLVs are ignored: 5.4.5 */
	CASE(REQUEST("\7", KEEPALIVE UNKNOWN PADDING UNKNOWN), REPLY, REPLY, 0),
	CASE(REQUEST("\7", KEEPALIVE RETRY_DELAY KEEPALIVE), REPLY, REPLY, 0),
	CASE(REQUEST("\7", SUBSCRIBE UNKNOWN), OPERATION, OPERATION, 0),
	CASE(UNIDIRECTIONAL(UNSUBSCRIBE UNKNOWN), ABORT, OPERATION, 0),
	/* padding can only be additional: 7.3 */
	CASE(REQUEST("\7", PADDING), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(UNIDIRECTIONAL(PADDING), ABORT, ABORT, 0),
	/* responses: 5.4.1, 5.5.2 */
	CASE(RESPONSE("\7"), ABORT, ABORT, 0),
	CASE(RESPONSE("\0"), ABORT, ABORT, 0),
	CASE(RESPONSE("\7") KEEPALIVE, ABORT, ABORT, 0),
	CASE(RESPONSE("\7") PUSH, ABORT, ABORT, 0),
	CASE("\0\7\xb0\0\0\1\0\0\0\0\0\0", ABORT, ABORT, 0),
	/* counts: 5.4, 5.4.3; an OPT or TSIG makes ARCOUNT greater than zero: 5.4.6 */
	CASE("\0\7\x30\0\0\1\0\0\0\0\0\0" KEEPALIVE, REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE("\0\7\x30\0\0\0\0\1\0\0\0\0" KEEPALIVE, REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE("\0\7\x30\0\0\0\0\0\0\1\0\0" KEEPALIVE, REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE("\0\7\x30\0\0\0\0\0\0\0\0\1" KEEPALIVE, REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE("\0\7\x30\0\0\0\0\0\0\0\0\1\0\0\x29\4\xd0\0\0\0\0\0\0", REPLY, REPLY,
	     DNS_RCODE_FORMERR),
	CASE("\0\0\x30\0\0\0\0\0\0\0\0\1" UNSUBSCRIBE, ABORT, ABORT, 0),
	/* TLVs: 5.4.2, 5.4.4 */
	CASE(REQUEST("\7", ""), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(UNIDIRECTIONAL(""), ABORT, ABORT, 0),
	CASE(REQUEST("\7", "\0\1\0\11\0\0\0\0\0\0\0\0"), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(REQUEST("\7", KEEPALIVE "\0"), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(REQUEST("\7", KEEPALIVE "\0\3\0\1"), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(UNIDIRECTIONAL(UNSUBSCRIBE "\0"), ABORT, ABORT, 0),
	CASE(REQUEST("\7", "\0\1\0\4\0\0\0\0"), REPLY, REPLY, DNS_RCODE_FORMERR),
	CASE(REQUEST("\7", "\0\1\0\11\0\0\0\0\0\0\0\0\0"), REPLY, REPLY, DNS_RCODE_FORMERR),
	/* Z bits and the RCODE of a request are ignored: 5.4.1 */
	CASE("\0\7\x37\xf3" COUNTS KEEPALIVE, REPLY, REPLY, 0),
#undef CASE
};

static void each_message_leads_to_what_the_rfc_demands(void **state)
{
	for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		for (unsigned with = 0; with < 2; with++) {
			enum push_session_verdict wanted = messages[i].without, got;

			set_up(state);
			if (with) {
				establish();
				wanted = messages[i].with;
			}
			got = receive_at(T, messages[i].msg, messages[i].nbytes);
			if (got != wanted)
				fail_msg("%s %s a session: verdict %d", messages[i].name,
					 with ? "with" : "without", got);
			if (got == PUSH_SESSION_REPLY) {
				assert_int_equal(bytes[1], 7);
				assert_int_equal(bytes[2], 0xb0);
				assert_int_equal(bytes[3], messages[i].rcode);
			} else {
				assert_int_equal(base_out_nbytes(&out), 0);
			}
			tear_down(state);
		}
	}
}

/* Section 5.4.5: the error response has no copy of the unknown TLV. */
static void errors_have_no_tlv(void **state)
{
	for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		set_up(state);
		if (receive_at(T, messages[i].msg, messages[i].nbytes) == PUSH_SESSION_REPLY &&
		    messages[i].rcode != 0)
			assert_int_equal(base_out_nbytes(&out), 12);
		tear_down(state);
	}
}

/* Section 7.1: exactly one Keepalive TLV in the response, whatever else the request had. */
static void the_response_to_a_keepalive_has_one_keepalive(void **state)
{
	(void)state;
	RECEIVE(REQUEST("\7", KEEPALIVE UNKNOWN KEEPALIVE RETRY_DELAY));
	CHECK_RESPONSE(7, 0, "\0\1\0\10\0\0\0\x64\0\0\x27\x10");
}

/* ---- values of the timeouts: sections 6.4.2, 6.5.2 and 7.1 ---- */

static void timeouts_are_granted_as_asked_within_bounds(void **state)
{
	static const struct {
		struct dns_dso_timeouts longest, asked, granted;
	} cases[] = {
		{{15000, 3600000}, {100, 100}, {100, 10000}},
		{{15000, 3600000}, {0, 0}, {0, 10000}},
		{{15000, 3600000}, {15000, 3600000}, {15000, 3600000}},
		{{15000, 3600000}, {15001, 3600001}, {15000, 3600000}},
		{{15000, 3600000}, {FOREVER, FOREVER}, {15000, 3600000}},
		{{15000, 3600000}, {20000, 20000}, {15000, 20000}},
		{{0, 10000}, {15000, 15000}, {0, 10000}},
		{{FOREVER, FOREVER}, {FOREVER, FOREVER}, {FOREVER, FOREVER}},
		{{FOREVER, FOREVER}, {FOREVER - 1, 9999}, {FOREVER - 1, 10000}},
		{{0, 0}, {0, 0}, {0, 10000}},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set_up(state);
		rules.longest = cases[i].longest;
		ask_at(T, cases[i].asked.inactivity_ms, cases[i].asked.keepalive_ms);
		assert_int_equal(base_load32(bytes + 16), cases[i].granted.inactivity_ms);
		assert_int_equal(base_load32(bytes + 20), cases[i].granted.keepalive_ms);
		assert_int_equal(session.timeout.inactivity_ms, cases[i].granted.inactivity_ms);
		assert_int_equal(session.timeout.keepalive_ms, cases[i].granted.keepalive_ms);
	}
}

/* ---- deadlines: sections 6.3, 6.4.1 and 6.5.1 ---- */

static void without_a_keepalive_both_timeouts_are_15_seconds(void **state)
{
	(void)state;
	RECEIVE(REQUEST("\7", SUBSCRIBE));
	push_session_respond(&session, &rules, &message, 0, 0, T, &out);
	assert_int_equal(push_session_deadline(&session, false), T + 30000);
	assert_int_equal(push_session_deadline(&session, true), T + 30000);
}

static void an_inactive_session_gets_twice_its_timeout_and_five_seconds_at_least(void **state)
{
	static const struct {
		uint32_t timeout_ms;
		uint64_t after_ms;
	} cases[] = {{0, 5000}, {1, 5000}, {2500, 5000}, {2501, 5002}, {15000, 30000}};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t due_ms = T + cases[i].after_ms;

		set_up(state);
		rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
		ask_at(T, cases[i].timeout_ms, FOREVER);
		session.grace_ms = 0; /* of the timeout that was shortened */
		assert_int_equal(push_session_deadline(&session, false), due_ms);
		assert_int_equal(push_session_due(&session, false, due_ms - 1),
				 PUSH_SESSION_NOT_OVERDUE);
		assert_int_equal(push_session_due(&session, false, due_ms), PUSH_SESSION_INACTIVE);
		assert_int_equal(push_session_due(&session, true, due_ms),
				 PUSH_SESSION_NOT_OVERDUE);
	}
}

static void a_silent_session_gets_twice_its_interval(void **state)
{
	(void)state;
	rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
	ask_at(T, FOREVER, 1);
	assert_int_equal(push_session_deadline(&session, false), T + 20000);
	assert_int_equal(push_session_due(&session, false, T + 19999), PUSH_SESSION_NOT_OVERDUE);
	assert_int_equal(push_session_due(&session, false, T + 20000), PUSH_SESSION_SILENT);
	assert_int_equal(push_session_due(&session, true, T + 20000), PUSH_SESSION_SILENT);
}

static void infinite_timeouts_never_end(void **state)
{
	(void)state;
	rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
	ask_at(T, FOREVER, FOREVER);
	assert_int_equal(push_session_deadline(&session, false), NEVER);
	ask_at(T, FOREVER - 1, FOREVER);
	assert_int_equal(push_session_deadline(&session, false), T + 2ull * (FOREVER - 1));
}

/* Section 6.3: all messages but a Keepalive reset both timers. */
static void a_keepalive_resets_the_keepalive_timer_only(void **state)
{
	(void)state;
	rules.longest = (struct dns_dso_timeouts){20000, 15000};
	ask_at(T, 20000, 15000);
	assert_int_equal(push_session_deadline(&session, false), T + 30000);
	ask_at(T + 10000, 20000, 15000);
	assert_int_equal(push_session_deadline(&session, true), T + 40000);
	assert_int_equal(push_session_deadline(&session, false), T + 40000);
	ask_at(T + 20000, 20000, 15000);
	assert_int_equal(push_session_deadline(&session, true), T + 50000);
	assert_int_equal(push_session_deadline(&session, false), T + 40000);
}

static void other_messages_reset_both_timers(void **state)
{
	uint64_t at = T + 9000;

	for (unsigned i = 0; i < 6; i++) {
		set_up(state);
		establish();
		switch (i) {
		case 0:
			assert_true(push_session_other(&session, false, at));
			break;
		case 1:
			push_session_sent(&session, at);
			break;
		case 2:
			assert_int_equal(RECEIVE_AT(at, REQUEST("\7", SUBSCRIBE)),
					 PUSH_SESSION_OPERATION);
			break;
		case 3:
			assert_int_equal(RECEIVE_AT(at, UNIDIRECTIONAL(UNSUBSCRIBE)),
					 PUSH_SESSION_OPERATION);
			break;
		case 4:
			assert_int_equal(RECEIVE_AT(at, REQUEST("\7", UNKNOWN)),
					 PUSH_SESSION_REPLY);
			break;
		default:
			message.id = 7;
			push_session_respond(&session, &rules, &message, 5, 0, at, &out);
		}
		assert_int_equal(push_session_deadline(&session, false), at + 30000);
		assert_int_equal(push_session_deadline(&session, true), at + 30000);
	}
}

/* Section 6.3: an active operation is not inactivity, however long it takes. */
static void a_session_with_operations_is_not_inactive(void **state)
{
	struct push_operation op = {7};

	(void)state;
	rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
	ask_at(T, 0, FOREVER);
	assert_int_equal(push_session_add(&session, &op), 0);
	assert_int_equal(push_session_deadline(&session, false), NEVER);
	push_session_remove(&session, &op, T + 100000);
	assert_int_equal(push_session_deadline(&session, false), T + 105000);
}

/* Section 7.1.1. */
static void a_shortened_timeout_leaves_time_to_close(void **state)
{
	(void)state;
	rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
	ask_at(T, FOREVER, FOREVER);
	ask_at(T + 1000000, 10000, FOREVER);
	assert_int_equal(push_session_deadline(&session, false), T + 1005000);
	ask_at(T + 1000000, FOREVER, FOREVER);
	ask_at(T + 1000000, 100000, FOREVER);
	assert_int_equal(push_session_deadline(&session, false), T + 1025000);
}

/* ---- edns-tcp-keepalive: sections 5.4.6 and 7.1.2 ---- */

static void edns_keepalive_is_fatal_on_a_session_only(void **state)
{
	(void)state;
	assert_true(push_session_other(&session, true, T));
	RECEIVE(REQUEST("\7", UNKNOWN));
	assert_true(push_session_other(&session, true, T));
	establish();
	assert_true(push_session_other(&session, false, T));
	assert_false(push_session_other(&session, true, T));
}

/* ---- ids in use: sections 5.4.1 and 5.5.2 ---- */

static void an_id_in_use_is_fatal(void **state)
{
	struct push_operation op = {7};

	(void)state;
	establish();
	assert_int_equal(push_session_add(&session, &op), 0);
	assert_int_equal(RECEIVE(REQUEST("\7", SUBSCRIBE)), PUSH_SESSION_ABORT);
	assert_int_equal(RECEIVE(REQUEST("\7", KEEPALIVE)), PUSH_SESSION_ABORT);
	assert_int_equal(RECEIVE(REQUEST("\6", SUBSCRIBE)), PUSH_SESSION_OPERATION);
	push_session_remove(&session, &op, T);
	assert_int_equal(RECEIVE(REQUEST("\7", SUBSCRIBE)), PUSH_SESSION_OPERATION);
}

static void operations_are_found_by_id(void **state)
{
	enum { N = 1000 };
	static struct push_operation ops[N];

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		ops[i].id = (uint16_t)(i * 7919 % 65521 + 1);
		assert_int_equal(push_session_add(&session, &ops[i]), 0);
	}
	assert_int_equal(session.noperations, N);
	for (unsigned i = 0; i < N; i += 2)
		push_session_remove(&session, &ops[i], T);
	for (unsigned i = 0; i < N; i++)
		assert_ptr_equal(push_session_find(&session, ops[i].id),
				 i % 2 == 0 ? NULL : &ops[i]);
	for (unsigned i = 1; i < N; i += 2)
		push_session_remove(&session, &ops[i], T);
	assert_null(session.operations);
}

static void short_memory_adds_no_operation(void **state)
{
	struct push_operation op = {7};

	(void)state;
	establish();
	memory_fail_after(0);
	assert_int_equal(push_session_add(&session, &op), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_null(push_session_find(&session, 7));
	assert_int_equal(session.noperations, 0);
	assert_int_equal(push_session_add(&session, &op), 0);
}

/* ---- padding: section 7.3, RFC 8467 ---- */

static void responses_are_padded_if_the_request_was(void **state)
{
	struct dns_dso m;

	(void)state;
	rules.is_encrypted = true;
	RECEIVE(REQUEST("\7", KEEPALIVE PADDING));
	assert_int_equal(base_out_nbytes(&out), DNS_DSO_PAD_RESPONSE);
	assert_int_equal(dns_dso_parse(bytes, base_out_nbytes(&out), &m), DNS_DSO_VALID);
	assert_int_equal(m.primary.type, DNS_DSO_KEEPALIVE);
	assert_true(m.is_padded);
	RECEIVE(REQUEST("\7", KEEPALIVE));
	assert_int_equal(base_out_nbytes(&out), 24);
	RECEIVE(REQUEST("\7", UNKNOWN PADDING));
	assert_int_equal(base_out_nbytes(&out), DNS_DSO_PAD_RESPONSE);
	RECEIVE(REQUEST("\7", SUBSCRIBE PADDING));
	push_session_respond(&session, &rules, &message, DNS_RCODE_SERVFAIL, 60000, T, &out);
	assert_int_equal(base_out_nbytes(&out), DNS_DSO_PAD_RESPONSE);
}

static void nothing_is_padded_without_encryption(void **state)
{
	(void)state;
	RECEIVE(REQUEST("\7", KEEPALIVE PADDING));
	assert_int_equal(base_out_nbytes(&out), 24);
}

/* ---- errors: section 7.2.2 ---- */

static void an_error_may_have_a_retry_delay(void **state)
{
	(void)state;
	RECEIVE(REQUEST("\7", SUBSCRIBE));
	push_session_respond(&session, &rules, &message, DNS_RCODE_SERVFAIL, 60000, T, &out);
	CHECK_RESPONSE(7, DNS_RCODE_SERVFAIL, "\0\2\0\4\0\0\xea\x60");
}

/* ---- the end: sections 6.6.1 and 6.6.1.1 ---- */

static void after_a_retry_delay_nothing_is_heeded(void **state)
{
	static const char wanted[] = "\0\0\x30\2" COUNTS "\0\2\0\4\0\0\x13\x88";
	struct push_operation op = {7};

	(void)state;
	establish();
	assert_int_equal(push_session_add(&session, &op), 0);
	out = base_out_over(bytes, sizeof(bytes));
	push_session_end(&session, DNS_RCODE_SERVFAIL, 5000, T + 1000, &out);
	assert_int_equal(base_out_nbytes(&out), sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		assert_int_equal(receive_at(T + 2000, messages[i].msg, messages[i].nbytes),
				 PUSH_SESSION_IGNORE);
	assert_int_equal(base_out_nbytes(&out), 0);
	assert_true(push_session_other(&session, true, T + 2000));
	assert_int_equal(push_session_deadline(&session, true), T + 6000);
	assert_int_equal(push_session_due(&session, true, T + 5999), PUSH_SESSION_NOT_OVERDUE);
	assert_int_equal(push_session_due(&session, true, T + 6000), PUSH_SESSION_NOT_CLOSED);
}

/* ---- changed rules: section 7.1 ---- */

static void changed_rules_are_sent_to_clients_that_have_asked(void **state)
{
	static const char wanted[] = "\0\0\x30\0" COUNTS "\0\1\0\10\0\0\3\xe8\0\0\x27\x10";

	(void)state;
	out = base_out_over(bytes, sizeof(bytes));
	assert_false(push_session_change(&session, &rules, T, &out));
	ask_at(T, 15000, 3600000);
	out = base_out_over(bytes, sizeof(bytes));
	assert_false(push_session_change(&session, &rules, T, &out));
	rules.longest = (struct dns_dso_timeouts){1000, 10000};
	assert_true(push_session_change(&session, &rules, T + 50, &out));
	assert_int_equal(base_out_nbytes(&out), sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	/* The message resets the keepalive timer, and leaves time to close. */
	assert_int_equal(push_session_deadline(&session, true), T + 20050);
	assert_int_equal(push_session_deadline(&session, false), T + 5050);
	/* Longer ones are granted again, up to what the client has asked for. */
	rules.longest = (struct dns_dso_timeouts){FOREVER, FOREVER};
	out = base_out_over(bytes, sizeof(bytes));
	assert_true(push_session_change(&session, &rules, T + 60, &out));
	assert_int_equal(session.timeout.inactivity_ms, 15000);
	assert_int_equal(session.timeout.keepalive_ms, 3600000);
}

static void changed_rules_leave_the_defaults_alone(void **state)
{
	(void)state;
	RECEIVE(REQUEST("\7", SUBSCRIBE));
	push_session_respond(&session, &rules, &message, 0, 0, T, &out);
	rules.longest = (struct dns_dso_timeouts){1000, 10000};
	out = base_out_over(bytes, sizeof(bytes));
	assert_false(push_session_change(&session, &rules, T, &out));
	assert_int_equal(session.timeout.inactivity_ms, DNS_DSO_TIMEOUT_DEFAULT_MS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_keepalive_establishes_a_session),
		TEST(an_operation_establishes_a_session_by_noerror_only),
		TEST(no_error_establishes_a_session),
		TEST(a_connection_without_a_session_has_no_deadline),
		TEST(where_dso_is_not_served_each_request_is_not_implemented),
		TEST(each_message_leads_to_what_the_rfc_demands),
		TEST(errors_have_no_tlv),
		TEST(the_response_to_a_keepalive_has_one_keepalive),
		TEST(timeouts_are_granted_as_asked_within_bounds),
		TEST(without_a_keepalive_both_timeouts_are_15_seconds),
		TEST(an_inactive_session_gets_twice_its_timeout_and_five_seconds_at_least),
		TEST(a_silent_session_gets_twice_its_interval),
		TEST(infinite_timeouts_never_end),
		TEST(a_keepalive_resets_the_keepalive_timer_only),
		TEST(other_messages_reset_both_timers),
		TEST(a_session_with_operations_is_not_inactive),
		TEST(a_shortened_timeout_leaves_time_to_close),
		TEST(edns_keepalive_is_fatal_on_a_session_only),
		TEST(an_id_in_use_is_fatal),
		TEST(operations_are_found_by_id),
		TEST(short_memory_adds_no_operation),
		TEST(responses_are_padded_if_the_request_was),
		TEST(nothing_is_padded_without_encryption),
		TEST(an_error_may_have_a_retry_delay),
		TEST(after_a_retry_delay_nothing_is_heeded),
		TEST(changed_rules_are_sent_to_clients_that_have_asked),
		TEST(changed_rules_leave_the_defaults_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
