/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/secret.h"
#include "client/link.h"
#include "dns/dso.h"
#include "dns/type.h"

/* A stream that replaces resolve/stream.h in this program: what becomes of connections, and when,
 * is the test's. */

static struct resolve_stream *stream; /* the last one, */
static const char *connected;	      /* and the name of its endpoint */
static uint16_t sent_id;	      /* of the last message */

bool resolve_endpoint_equal(const struct resolve_endpoint *a, const struct resolve_endpoint *b)
{
	return strcasecmp(a->name, b->name) == 0;
}

void resolve_stream_init(struct resolve_stream *s, struct resolve_events *events,
			 const struct resolve_stream_calls *calls, void *arg)
{
	*s = (struct resolve_stream){.events = events, .calls = calls, .arg = arg};
}

int resolve_stream_connect(struct resolve_stream *s, const struct resolve_endpoint *to,
			   struct fabric_tls_context *tls)
{
	(void)tls;
	assert_int_equal(s->state, RESOLVE_STREAM_CLOSED);
	s->state = RESOLVE_STREAM_CONNECTING;
	stream = s;
	connected = to->name;
	return 0;
}

int resolve_stream_send(struct resolve_stream *s, const uint8_t *msg, size_t nbytes)
{
	struct dns_dso m;

	(void)s;
	assert_int_equal(dns_dso_parse(msg, nbytes, &m), DNS_DSO_VALID);
	sent_id = m.id;
	return 0;
}

void resolve_stream_close(struct resolve_stream *s)
{
	s->state = RESOLVE_STREAM_CLOSED;
}

void resolve_stream_abort(struct resolve_stream *s)
{
	s->state = RESOLVE_STREAM_CLOSED;
}

/* ---- the link ---- */

static struct client_link *link_;
static unsigned nups, ndowns;
static uint64_t now_ms;

static void on_up(void *arg, uint64_t at_ms)
{
	(void)arg;
	(void)at_ms;
	nups++;
}

static void on_down(void *arg, uint64_t at_ms)
{
	(void)arg;
	(void)at_ms;
	ndowns++;
}

static void on_pushless(void *arg, uint64_t at_ms)
{
	(void)arg;
	(void)at_ms;
}

static const struct client_link_calls calls = {
	.on_up = on_up, .on_down = on_down, .on_pushless = on_pushless};

/* Makes a link with `n` of the servers a and b, with a session at a. */
static void begin(size_t n)
{
	static const struct resolve_endpoint endpoints[] = {{.name = "a"}, {.name = "b"}};
	static const struct dns_dso_timeouts timeouts = {3600000, 10000};
	uint8_t bytes[64];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	now_ms = 1000;
	nups = ndowns = 0;
	assert_int_equal(client_link_new(&link_, NULL, endpoints, n, NULL, &timeouts, &calls, NULL),
			 0);
	client_link_want(link_, true, now_ms);
	client_link_tick(link_, now_ms);
	assert_string_equal(connected, "a");
	stream->state = RESOLVE_STREAM_OPEN;
	assert_true(stream->calls->on_open(stream->arg, now_ms));
	dns_dso_response_write(&o, sent_id, 0);
	dns_dso_keepalive_write(&o, &timeouts);
	assert_true(stream->calls->on_message(stream->arg, bytes, base_out_nbytes(&o), now_ms));
	assert_int_equal(nups, 1);
	now_ms += 100;
}

/* The connection ends, or could not be made. */
static void end(int error)
{
	stream->state = RESOLVE_STREAM_CLOSED;
	stream->calls->on_end(stream->arg, error, "", now_ms);
}

/* Goes on to the next attempt. */
static void attempt(void)
{
	assert_int_equal(client_link_state(link_), CLIENT_LINK_WAITING);
	if (client_link_deadline(link_) > now_ms)
		now_ms = client_link_deadline(link_);
	client_link_tick(link_, now_ms);
	assert_int_equal(client_link_state(link_), CLIENT_LINK_CONNECTING);
}

static void when_all_servers_refuse_connections_nothing_is_waited_for(void **state)
{
	uint64_t lost_ms;

	(void)state;
	begin(1);
	lost_ms = now_ms;
	end(-ECONNRESET);
	assert_int_equal(ndowns, 1);
	assert_false(client_link_is_pushless(link_)); /* it may be back at once */
	attempt();
	end(-ECONNREFUSED);
	assert_true(client_link_is_pushless(link_));
	assert_true(now_ms - lost_ms <= 500);
	client_link_free(link_);
}

static void each_server_is_tried_before_all_are_known_to_be_down(void **state)
{
	bool has_tried_a = false, has_tried_b = false;

	(void)state;
	begin(2);
	end(-ECONNRESET);
	while (!client_link_is_pushless(link_)) {
		assert_false(has_tried_a && has_tried_b);
		attempt();
		has_tried_a |= strcmp(connected, "a") == 0;
		has_tried_b |= strcmp(connected, "b") == 0;
		end(-ECONNREFUSED);
	}
	assert_true(has_tried_a && has_tried_b);
	client_link_free(link_);
}

static void a_server_that_does_not_refuse_is_waited_for(void **state)
{
	uint64_t lost_ms;

	(void)state;
	begin(1);
	lost_ms = now_ms;
	end(-ECONNRESET);
	attempt();
	now_ms = lost_ms + CLIENT_LINK_PATIENCE_MS - 1;
	client_link_tick(link_, now_ms);
	assert_false(client_link_is_pushless(link_));
	now_ms++;
	client_link_tick(link_, now_ms);
	assert_true(client_link_is_pushless(link_));
	client_link_free(link_);
}

static void a_server_that_has_vanished_was_waited_for_long_enough(void **state)
{
	(void)state;
	begin(1);
	end(-ETIMEDOUT);
	assert_true(client_link_is_pushless(link_));
	client_link_free(link_);
	begin(1);
	while (ndowns == 0) { /* Keepalives that nobody answers */
		now_ms = client_link_deadline(link_);
		client_link_tick(link_, now_ms);
	}
	assert_true(client_link_is_pushless(link_));
	assert_true(now_ms <= 1000 + 2 * 10000);
	client_link_free(link_);
}

static void a_server_is_tried_again_within_the_time_that_was_set(void **state)
{
	(void)state;
	begin(1);
	client_link_set_retry(link_, 1000);
	for (int i = 0; i < 50; i++) {
		end(-ECONNREFUSED);
		assert_true(client_link_deadline(link_) <= now_ms + 1000);
		assert_true(i < 2 || client_link_deadline(link_) >= now_ms + 500);
		attempt();
	}
	client_link_free(link_);
	begin(1);
	for (int i = 0; i < 10; i++) {
		end(-ECONNREFUSED);
		attempt();
	}
	end(-ECONNREFUSED);
	assert_true(client_link_deadline(link_) >= now_ms + 30000);
	client_link_free(link_);
}

/* The server answers our first message, but not as one with DSO does. */
static void answer_without_dso(void)
{
	uint8_t bytes[64];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	stream->state = RESOLVE_STREAM_OPEN;
	assert_true(stream->calls->on_open(stream->arg, now_ms));
	dns_dso_response_write(&o, sent_id, DNS_RCODE_NOTIMP);
	assert_false(stream->calls->on_message(stream->arg, bytes, base_out_nbytes(&o), now_ms));
}

static void a_server_without_dso_is_tried_again_in_proportion_to_others(void **state)
{
	(void)state;
	begin(1);
	end(-ECONNRESET);
	attempt();
	answer_without_dso();
	assert_int_equal(client_link_retry(link_), now_ms + CLIENT_LINK_NO_DSO_MS);
	client_link_free(link_);
	begin(1);
	client_link_set_retry(link_, 1000);
	end(-ECONNRESET);
	attempt();
	answer_without_dso();
	assert_int_equal(client_link_retry(link_), now_ms + 60000);
	client_link_free(link_);
}

static int secret_start(void **state)
{
	(void)state;
	return base_secret_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_all_servers_refuse_connections_nothing_is_waited_for),
		cmocka_unit_test(each_server_is_tried_before_all_are_known_to_be_down),
		cmocka_unit_test(a_server_that_does_not_refuse_is_waited_for),
		cmocka_unit_test(a_server_that_has_vanished_was_waited_for_long_enough),
		cmocka_unit_test(a_server_is_tried_again_within_the_time_that_was_set),
		cmocka_unit_test(a_server_without_dso_is_tried_again_in_proportion_to_others),
	};

	return cmocka_run_group_tests(tests, secret_start, NULL);
}
