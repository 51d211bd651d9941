/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../locate/world.h"
#include "address/seen.h"
#include "base/error.h"
#include "base/secret.h"
#include "dns/msg.h"
#include "dns/type.h"

enum { MINUTE = 60000 };

static const uint8_t zone[] = "\3lab";

static struct world world;
static struct locate *locate;
static struct address_seen *seen;
static bool is_reported;
static unsigned nreports;
static char last[INET6_ADDRSTRLEN]; /* what was reported: one address, or "" */
static const char *const *answers;  /* by the first server, in turn; the last one again */

static void write_answer(const struct dns_question *q, struct dns_header *h, struct dns_writer *w,
			 const char *address)
{
	uint8_t rdata[64];
	int nchars = snprintf((char *)rdata + 1, sizeof(rdata) - 1, "addr=%s", address);

	assert_int_equal(q->type, DNS_TYPE_TXT);
	rdata[0] = (uint8_t)nchars;
	dns_writer_rr(w, q->name, DNS_TYPE_TXT, DNS_CLASS_IN, 0, rdata, (uint16_t)(nchars + 1));
	h->ancount = 1;
}

static void on_query(const struct dns_question *q, struct dns_header *h, struct dns_writer *w)
{
	write_answer(q, h, w, answers[0]);
	answers += answers[1] != NULL;
}

static void on_query_of_second(const struct dns_question *q, struct dns_header *h,
			       struct dns_writer *w)
{
	write_answer(q, h, w, "198.51.100.2");
}

static void on_seen(void *arg, const struct sockaddr_storage *addresses, size_t n, uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	is_reported = true;
	nreports++;
	assert_true(n <= 1);
	last[0] = '\0';
	if (n == 1)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)addresses)->sin_addr, last,
			  sizeof(last));
}

static void begin(size_t nservers, const char *const *list)
{
	struct locate_settings settings = {.config = ""};
	struct base_error error;

	answers = list;
	nreports = 0;
	world_start(&world, nservers);
	world.servers[0].on_query = on_query;
	if (nservers > 1)
		world.servers[1].on_query = on_query_of_second;
	settings.registry = world.list;
	assert_int_equal(locate_new(&locate, &world.events, &settings, &error), 0);
	assert_int_equal(address_seen_new(&seen, &world.events, locate, zone, on_seen, NULL), 0);
}

static void end(void)
{
	address_seen_free(seen);
	locate_free(locate);
	world_end(&world);
}

/* Waits for the next report. */
static const char *report(void)
{
	is_reported = false;
	assert_true(world_run(&world, &is_reported, world.now_ms + 3 * MINUTE));
	return last;
}

static bool is_silent_for(uint64_t ms)
{
	is_reported = false;
	return !world_run(&world, &is_reported, world.now_ms + ms);
}

static void the_address_is_asked_for_over_tcp(void **state)
{
	static const char *const list[] = {"192.0.2.7", NULL};

	(void)state;
	begin(1, list);
	assert_string_equal(report(), "192.0.2.7");
	assert_int_equal(world.servers[0].nudp, 0);
	assert_int_equal(world.servers[0].ntcp, 1);
	end();
}

static void another_address_is_found_after_a_minute_or_at_once_if_there_is_reason(void **state)
{
	static const char *const list[] = {"192.0.2.7", "192.0.2.8", "192.0.2.9", NULL};
	uint64_t begun_ms;

	(void)state;
	begin(1, list);
	report();
	begun_ms = world.now_ms;
	assert_string_equal(report(), "192.0.2.8");
	assert_int_equal(world.now_ms - begun_ms, ADDRESS_SEEN_MS);
	begun_ms = world.now_ms;
	address_seen_refresh(seen);
	assert_string_equal(report(), "192.0.2.9");
	assert_true(world.now_ms - begun_ms < 1000);
	end();
}

static void a_reason_during_a_round_makes_another_one_after_it(void **state)
{
	static const char *const list[] = {"192.0.2.7", "192.0.2.8", NULL};
	uint64_t begun_ms;

	(void)state;
	begin(1, list);
	begun_ms = world.now_ms;
	resolve_events_run(&world.events, world.now_ms);
	address_seen_refresh(seen);
	assert_string_equal(report(), "192.0.2.7");
	assert_string_equal(report(), "192.0.2.8");
	assert_true(world.now_ms - begun_ms < 1000);
	end();
}

static void without_tcp_two_answers_over_udp_must_agree(void **state)
{
	static const char *const same[] = {"192.0.2.7", NULL};
	static const char *const differ[] = {"192.0.2.7", "203.0.113.66", "192.0.2.7", NULL};

	(void)state;
	begin(1, same);
	world.servers[0].manner = WORLD_CLOSES;
	assert_string_equal(report(), "192.0.2.7");
	assert_int_equal(world.servers[0].nudp, 2);
	end();

	begin(1, differ);
	world.servers[0].manner = WORLD_CLOSES;
	assert_string_equal(report(), "192.0.2.7");
	assert_int_equal(world.servers[0].nudp, 4);
	end();
}

static void the_same_registry_is_asked_as_long_as_it_answers(void **state)
{
	static const char *const list[] = {"192.0.2.7", NULL};

	(void)state;
	begin(2, list);
	assert_string_equal(report(), "192.0.2.7");
	locate_failed(locate, &world.servers[0].endpoint, world.now_ms);
	assert_string_equal(report(), "192.0.2.7");
	world.servers[0].manner = WORLD_REFUSES;
	assert_string_equal(report(), "198.51.100.2");
	world.servers[0].manner = WORLD_ANSWERS;
	assert_string_equal(report(), "192.0.2.7");
	end();
}

static void while_no_registry_answers_nothing_is_reported(void **state)
{
	static const char *const list[] = {"192.0.2.7", NULL};

	(void)state;
	begin(1, list);
	assert_string_equal(report(), "192.0.2.7");
	world.servers[0].manner = WORLD_REFUSES;
	assert_true(is_silent_for(10 * MINUTE));
	world.servers[0].manner = WORLD_ANSWERS;
	assert_string_equal(report(), "192.0.2.7");
	assert_int_equal(nreports, 2);
	end();
}

static void an_answer_without_an_address_changes_nothing(void **state)
{
	static const char *const list[] = {"192.0.2.7", "0.0.0.0", NULL};

	(void)state;
	begin(1, list);
	assert_string_equal(report(), "192.0.2.7");
	assert_true(is_silent_for(10 * MINUTE));
	end();
}

static int secret_start(void **state)
{
	(void)state;
	return base_secret_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_is_asked_for_over_tcp),
		cmocka_unit_test(
			another_address_is_found_after_a_minute_or_at_once_if_there_is_reason),
		cmocka_unit_test(a_reason_during_a_round_makes_another_one_after_it),
		cmocka_unit_test(without_tcp_two_answers_over_udp_must_agree),
		cmocka_unit_test(the_same_registry_is_asked_as_long_as_it_answers),
		cmocka_unit_test(while_no_registry_answers_nothing_is_reported),
		cmocka_unit_test(an_answer_without_an_address_changes_nothing),
	};

	return cmocka_run_group_tests(tests, secret_start, NULL);
}
