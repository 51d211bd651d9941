/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "client/session.h"
#include "dns/type.h"

/* The rules for single messages are driven by test_follow of tests/system, message by message; here
 * is what takes time: timers, ids, marks. */

static const uint8_t host[] = "\002n1\003lab\005cloud";
static int first, second; /* operations */

struct peer {
	uint8_t sent[64][256];
	size_t nsent[64];
	unsigned n;
	int established, responses, notices, pushes, answers;
	uint32_t mark;
	unsigned rcode;
	uint32_t retry_ms;
	void *operation;
};

static int sends(void *arg, const uint8_t *msg, size_t nbytes)
{
	struct peer *p = arg;

	assert_true(nbytes <= sizeof(*p->sent));
	memcpy(p->sent[p->n % 64], msg, nbytes);
	p->nsent[p->n++ % 64] = nbytes;
	return 0;
}

static void on_established(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	((struct peer *)arg)->established++;
}

static void on_response(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			uint64_t now_ms)
{
	struct peer *p = arg;

	(void)now_ms;
	p->responses++;
	p->operation = operation;
	p->rcode = rcode;
	p->retry_ms = retry_ms == NULL ? 0 : *retry_ms;
}

static void on_notice(void *arg, const struct client_notice *notice, uint64_t now_ms)
{
	(void)notice;
	(void)now_ms;
	((struct peer *)arg)->notices++;
}

static void on_pushed(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	((struct peer *)arg)->pushes++;
}

static void on_marked(void *arg, uint32_t mark, uint64_t now_ms)
{
	(void)now_ms;
	((struct peer *)arg)->mark = mark;
}

static void on_answer(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
		      uint64_t now_ms)
{
	struct peer *p = arg;

	(void)msg;
	(void)now_ms;
	assert_true(nbytes >= DNS_HEADER_SIZE);
	p->operation = operation;
	p->answers++;
}

static const struct client_session_calls calls = {
	.send = sends,
	.on_established = on_established,
	.on_response = on_response,
	.on_notice = on_notice,
	.on_answer = on_answer,
	.on_pushed = on_pushed,
	.on_marked = on_marked,
};

/* The last message that was sent. */
static struct dns_dso last(const struct peer *p)
{
	struct dns_dso m;

	assert_int_equal(dns_dso_parse(p->sent[(p->n - 1) % 64], p->nsent[(p->n - 1) % 64], &m),
			 DNS_DSO_VALID);
	return m;
}

/* Receives a response, with a Keepalive TLV if `timeouts` is not NULL, and a Retry Delay. */
static enum client_session_verdict respond(struct client_session *s, uint16_t id, uint8_t rcode,
					   const struct dns_dso_timeouts *timeouts,
					   const uint32_t *retry_ms, uint64_t now_ms)
{
	uint8_t bytes[64];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	dns_dso_response_write(&o, id, rcode);
	if (timeouts != NULL)
		dns_dso_keepalive_write(&o, timeouts);
	if (retry_ms != NULL)
		dns_dso_retry_delay_write(&o, *retry_ms);
	return client_session_receive(s, bytes, base_out_nbytes(&o), now_ms);
}

static const struct dns_dso_timeouts granted = {.inactivity_ms = 20000, .keepalive_ms = 60000};

/* A session that is established at 1000 ms. */
static struct client_session *session_make(struct peer *p)
{
	static const struct dns_dso_timeouts wanted = {.inactivity_ms = 5, .keepalive_ms = 7};
	struct client_session *s;
	struct dns_dso_timeouts asked;
	struct dns_dso m;

	memset(p, 0, sizeof(*p));
	assert_int_equal(client_session_new(&s, &calls, p, &wanted, false, 1000), 0);
	m = last(p);
	assert_int_equal(p->n, 1);
	assert_int_not_equal(m.id, 0);
	assert_true(dns_dso_keepalive_parse(&m.primary, &asked));
	assert_int_equal(asked.inactivity_ms, 5);
	assert_int_equal(asked.keepalive_ms, 7);
	assert_int_equal(respond(s, m.id, 0, &granted, NULL, 1000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p->established, 1);
	return s;
}

static uint16_t subscribe(struct client_session *s, struct peer *p, void *operation,
			  uint64_t now_ms)
{
	struct dns_dso m;
	uint16_t id;

	assert_int_equal(client_session_subscribe(s, host, DNS_TYPE_A, operation, &id, now_ms), 0);
	m = last(p);
	assert_int_equal(m.id, id);
	assert_int_equal(m.primary.type, DNS_DSO_SUBSCRIBE);
	assert_int_equal(base_buf_left(&m.primary.data), sizeof(host) + 4);
	return id;
}

static void a_server_has_30_seconds_for_its_first_response_and_10_later(void **state)
{
	static const struct dns_dso_timeouts wanted = {.keepalive_ms = 60000};
	struct client_session *s;
	struct peer p = {.n = 0};

	(void)state;
	assert_int_equal(client_session_new(&s, &calls, &p, &wanted, false, 1000), 0);
	assert_int_equal(client_session_tick(s, 14999), CLIENT_SESSION_GOES_ON);
	client_session_free(s);

	s = session_make(&p);
	subscribe(s, &p, &first, 2000);
	assert_int_equal(client_session_deadline(s), 12000);
	assert_int_equal(client_session_tick(s, 11999), CLIENT_SESSION_GOES_ON);
	assert_int_equal(client_session_tick(s, 12000), CLIENT_SESSION_ABORT);
	assert_true(client_session_end(s)->is_silent);
	client_session_free(s);
}

/* RFC 8490 sections 6.3 to 6.5. */
static void keepalives_are_sent_when_nothing_else_is(void **state)
{
	struct client_session *s;
	struct peer p;
	uint16_t id;

	(void)state;
	s = session_make(&p);
	id = subscribe(s, &p, &first, 2000);
	assert_int_equal(respond(s, id, 0, NULL, NULL, 3000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(client_session_deadline(s), 63000); /* active: no inactivity */
	assert_int_equal(client_session_tick(s, 62999), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.n, 2);
	assert_int_equal(client_session_tick(s, 63000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.n, 3);
	assert_int_equal(last(&p).primary.type, DNS_DSO_KEEPALIVE);
	assert_int_equal(client_session_deadline(s), 73000); /* the response's */
	assert_int_equal(respond(s, last(&p).id, 0, &granted, NULL, 63500), CLIENT_SESSION_GOES_ON);
	assert_int_equal(client_session_deadline(s), 123500);
	client_session_free(s);
}

static void a_session_without_subscriptions_is_closed_when_inactive(void **state)
{
	struct client_session *s;
	struct peer p;
	uint16_t id;

	(void)state;
	s = session_make(&p);
	assert_int_equal(client_session_deadline(s), 21000);
	id = subscribe(s, &p, &first, 2000);
	assert_int_equal(respond(s, id, 0, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	client_session_unsubscribe(s, id, 30000);
	assert_int_equal(last(&p).primary.type, DNS_DSO_UNSUBSCRIBE);
	assert_int_equal(last(&p).id, 0);
	assert_int_equal(base_load16(last(&p).primary.data.at), id);
	assert_int_equal(client_session_deadline(s), 50000);
	assert_int_equal(client_session_tick(s, 49999), CLIENT_SESSION_GOES_ON);
	assert_int_equal(client_session_tick(s, 50000), CLIENT_SESSION_CLOSE);
	client_session_free(s);
}

/* RFC 8490 section 7.1.1: the new timeout counts from the last activity. */
static void a_server_may_change_the_timeouts(void **state)
{
	static const struct dns_dso_timeouts none = {.inactivity_ms = 0,
						     .keepalive_ms = DNS_DSO_INFINITE};
	struct client_session *s;
	uint8_t bytes[64];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct peer p;

	(void)state;
	s = session_make(&p);
	dns_dso_header_write(&o, 0, 0);
	dns_dso_keepalive_write(&o, &none);
	assert_int_equal(client_session_receive(s, bytes, base_out_nbytes(&o), 5000),
			 CLIENT_SESSION_GOES_ON);
	assert_int_equal(client_session_deadline(s), 1000);
	assert_int_equal(client_session_tick(s, 5000), CLIENT_SESSION_CLOSE);
	client_session_free(s);
}

static void operations_are_found_by_their_ids(void **state)
{
	static const uint32_t retry_ms = 77;
	struct client_session *s;
	struct peer p;
	uint16_t a, b, mark;

	(void)state;
	s = session_make(&p);
	a = subscribe(s, &p, &first, 2000);
	b = subscribe(s, &p, &second, 2000);
	assert_int_not_equal(a, b);
	assert_int_equal(respond(s, b, 0, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_ptr_equal(p.operation, &second);
	assert_int_equal(respond(s, a, 5, NULL, &retry_ms, 2000), CLIENT_SESSION_GOES_ON);
	assert_ptr_equal(p.operation, &first);
	assert_int_equal(p.rcode, 5);
	assert_int_equal(p.retry_ms, 77);
	assert_int_equal(respond(s, b, 9, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_ptr_equal(p.operation, &second);
	assert_int_equal(p.rcode, 9);

	assert_int_equal(client_session_mark(s, 2000), 1);
	mark = last(&p).id;
	assert_int_equal(respond(s, mark, 0, &granted, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.mark, 1);
	assert_int_equal(respond(s, mark, 0, &granted, NULL, 2000), CLIENT_SESSION_ABORT);
	client_session_free(s);
}

/* RFC 8765 section 6.4.1, RFC 8490 section 5.6: messages that cross. */
static void late_answers_to_what_was_unsubscribed_are_borne(void **state)
{
	struct client_session *s;
	struct peer p;
	uint16_t a, b;

	(void)state;
	s = session_make(&p);
	a = subscribe(s, &p, &first, 2000);
	b = subscribe(s, &p, &second, 2000);
	client_session_unsubscribe(s, a, 2000);
	assert_int_equal(respond(s, a, 0, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(respond(s, b, 0, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.responses, 1);
	client_session_unsubscribe(s, b, 2000);
	client_session_unsubscribe(s, b, 2000); /* once is enough */
	assert_int_equal(p.n, 5);
	assert_int_equal(respond(s, b, 5, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.responses, 1);
	assert_int_equal(respond(s, b, 5, NULL, NULL, 2000), CLIENT_SESSION_ABORT);
	client_session_free(s);
}

static void ids_are_unique_and_never_0(void **state)
{
	static bool used[65536];
	struct client_session *s;
	struct peer p;
	uint16_t id;

	(void)state;
	s = session_make(&p);
	for (unsigned i = 0; i < 65535; i++) {
		assert_int_equal(client_session_subscribe(s, host, DNS_TYPE_A, &first, &id, 2000),
				 0);
		assert_false(used[id] || id == 0);
		used[id] = true;
	}
	assert_int_equal(client_session_subscribe(s, host, DNS_TYPE_A, &first, &id, 2000), -28);
	assert_int_equal(client_session_mark(s, 2000), 0);
	assert_int_equal(respond(s, 777, 0, NULL, NULL, 2000), CLIENT_SESSION_GOES_ON);
	client_session_unsubscribe(s, 777, 2000);
	assert_int_equal(client_session_subscribe(s, host, DNS_TYPE_A, &first, &id, 2000), 0);
	assert_int_equal(id, 777);
	client_session_free(s);
}

static void queries_share_the_connection(void **state)
{
	struct client_session *s;
	struct peer p;
	uint16_t id, abandoned;
	uint8_t answer[DNS_HEADER_SIZE] = {[2] = 0x80, [3] = DNS_RCODE_REFUSED};

	(void)state;
	s = session_make(&p);
	assert_int_equal(client_session_query(s, host, DNS_TYPE_A, &first, &id, 2000), 0);
	assert_int_equal(base_load16(p.sent[1]), id);
	assert_int_equal(p.sent[1][2], 0x01); /* a query with RD */
	assert_int_equal(client_session_deadline(s), 12000);
	assert_int_equal(client_session_query(s, host, DNS_TYPE_A, &second, &abandoned, 2000), 0);
	client_session_abandon(s, abandoned);
	base_store16(answer, (uint16_t)(id + 100)); /* nobody's */
	assert_int_equal(client_session_receive(s, answer, sizeof(answer), 2500),
			 CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.answers, 0);
	base_store16(answer, id);
	for (int i = 0; i < 2; i++) /* the second time it is nobody's, too */
		assert_int_equal(client_session_receive(s, answer, sizeof(answer), 2500),
				 CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.answers, 1);
	assert_ptr_equal(p.operation, &first);
	base_store16(answer, abandoned);
	assert_int_equal(client_session_receive(s, answer, sizeof(answer), 3000),
			 CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.answers, 1);
	assert_int_equal(client_session_deadline(s), 23000); /* nothing is outstanding */
	client_session_free(s);
}

static void requests_are_padded_on_demand(void **state)
{
	static const struct dns_dso_timeouts wanted = {.keepalive_ms = 60000};
	struct client_session *s;
	struct peer p = {.n = 0};

	(void)state;
	assert_int_equal(client_session_new(&s, &calls, &p, &wanted, true, 1000), 0);
	assert_int_equal(p.nsent[0], 128);
	assert_true(last(&p).is_padded);
	client_session_free(s);
}

/* Of a malformed PUSH nothing is reported, not even what precedes the fault. */
static void a_push_is_checked_before_it_is_reported(void **state)
{
	struct client_session *s;
	uint8_t bytes[256];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct peer p;
	size_t tlv;

	(void)state;
	s = session_make(&p);
	dns_dso_header_write(&o, 0, 0);
	tlv = dns_dso_tlv_begin(&o, DNS_DSO_PUSH);
	for (unsigned i = 0; i < 2; i++) {
		base_out_bytes(&o, host, sizeof(host));
		base_out_u16(&o, DNS_TYPE_A);
		base_out_u16(&o, DNS_CLASS_IN);
		base_out_u32(&o, 60);
		base_out_u16(&o, 4);
		base_out_u32(&o, i);
	}
	dns_dso_tlv_end(&o, tlv);
	assert_int_equal(client_session_receive(s, bytes, base_out_nbytes(&o), 2000),
			 CLIENT_SESSION_GOES_ON);
	assert_int_equal(p.notices, 2);
	assert_int_equal(p.pushes, 1);
	bytes[base_out_nbytes(&o) - 5] = 3; /* the last rdata has 3 bytes now */
	assert_int_equal(client_session_receive(s, bytes, base_out_nbytes(&o), 2000),
			 CLIENT_SESSION_ABORT);
	assert_int_equal(p.notices, 2);
	client_session_free(s);
}

static int start(void **state)
{
	(void)state;
	return base_secret_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_has_30_seconds_for_its_first_response_and_10_later),
		cmocka_unit_test(keepalives_are_sent_when_nothing_else_is),
		cmocka_unit_test(a_session_without_subscriptions_is_closed_when_inactive),
		cmocka_unit_test(a_server_may_change_the_timeouts),
		cmocka_unit_test(operations_are_found_by_their_ids),
		cmocka_unit_test(late_answers_to_what_was_unsubscribed_are_borne),
		cmocka_unit_test(ids_are_unique_and_never_0),
		cmocka_unit_test(queries_share_the_connection),
		cmocka_unit_test(requests_are_padded_on_demand),
		cmocka_unit_test(a_push_is_checked_before_it_is_reported),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
