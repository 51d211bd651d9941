/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "base/address.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "world.h"

static struct world world;
static char folder[FOLDER_PATH_MAX], resolv_path[FOLDER_PATH_MAX + 16],
	hosts_path[FOLDER_PATH_MAX + 16];
static struct locate_find_order order;
static char found_text[1000];
static bool is_done;

/* The records that the resolver has: owner and type, and an answer for them. */
static void answer(const struct dns_question *q, struct dns_header *h, struct dns_writer *w)
{
	static const uint8_t weft[] = "\5_weft\4_tcp\1b\7example", plain[] = "\2ns\7example",
			     push[] = "\x0d_dns-push-tls\4_tcp\1a\7example",
			     tls[] = "\3tls\7example", v4[] = {192, 0, 2, 7},
			     v6[] = {0x20, 1, 0xd, 0xb8, [15] = 7};
	uint8_t srv[64] = {0, 0, 0, 0, 0, 99};

	if (q->type == DNS_TYPE_SRV && dns_name_equal(q->name, weft)) {
		memcpy(srv + 6, plain, sizeof(plain));
		dns_writer_rr(w, q->name, DNS_TYPE_SRV, DNS_CLASS_IN, 60, srv, 6 + sizeof(plain));
	} else if (q->type == DNS_TYPE_SRV && dns_name_equal(q->name, push)) {
		memcpy(srv + 6, tls, sizeof(tls));
		dns_writer_rr(w, q->name, DNS_TYPE_SRV, DNS_CLASS_IN, 60, srv, 6 + sizeof(tls));
	} else if (q->type == DNS_TYPE_A && dns_name_equal(q->name, plain)) {
		dns_writer_rr(w, q->name, DNS_TYPE_A, DNS_CLASS_IN, 60, v4, sizeof(v4));
	} else if (q->type == DNS_TYPE_AAAA && dns_name_equal(q->name, tls)) {
		dns_writer_rr(w, q->name, DNS_TYPE_AAAA, DNS_CLASS_IN, 60, v6, sizeof(v6));
	} else {
		return;
	}
	h->ancount++;
}

static void resolv_write(const char *rest)
{
	char text[700], *list = world.list;

	snprintf(text, sizeof(text), "nameserver %s\n%s", list, rest);
	folder_write(folder, "resolv.conf", text);
}

static int set_up(void **state)
{
	(void)state;
	world_start(&world, 1);
	world.servers[0].on_query = answer;
	folder_make(folder, "finder");
	snprintf(resolv_path, sizeof(resolv_path), "%s/resolv.conf", folder);
	snprintf(hosts_path, sizeof(hosts_path), "%s/hosts", folder);
	folder_write(folder, "hosts", "192.0.2.5 in.hosts\n");
	order = (struct locate_find_order){.resolv_path = resolv_path, .hosts_path = hosts_path};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	world_end(&world);
	return 0;
}

/* Notes what was found: transport, address, name and source of each. */
static void on_found(void *arg, const struct locate_known *found, uint64_t now_ms)
{
	static const char *const transports[] = {"udp", "tcp", "tls"};
	struct locate_finder **finder = arg;

	(void)now_ms;
	assert_false(is_done);
	found_text[0] = '\0';
	for (size_t i = 0; i < found->n; i++) {
		const struct locate_registry *r = &found->items[i];
		char at[BASE_ADDRESS_TEXT_MAX];

		base_address_to_text(at, (const struct sockaddr *)&r->endpoint.address);
		sprintf(found_text + strlen(found_text), "%s %s (%s) %s\n",
			transports[r->transport], at, r->endpoint.name, r->source);
	}
	is_done = true;
	locate_finder_free(*finder);
	*finder = NULL;
}

static const char *find(void)
{
	struct locate_finder *f;
	uint64_t begun_ms = world.now_ms;

	is_done = false;
	assert_int_equal(locate_finder_new(&f, &world.events, &order, on_found, &f), 0);
	assert_true(world_run(&world, &is_done, begun_ms + 20000));
	assert_true(world.now_ms <= begun_ms + 5000);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
	return found_text;
}

static void given(const char *list)
{
	assert_int_equal(locate_list_parse(&order.given, list, NULL), 0);
	for (size_t i = 0; i < order.given.n; i++)
		strcpy(order.sources[i], "given");
}

static void a_list_counts_alone_with_the_addresses_of_hosts(void **state)
{
	(void)state;
	resolv_write("search b.example\n");
	given("192.0.2.1 ns.example@5 tls://tls.example in.hosts nothing.example tcp://192.0.2.2");
	assert_string_equal(find(), "udp 192.0.2.1@53 () given\n"
				    "udp 192.0.2.7@5 () given\n"
				    "tls 2001:db8::7@853 (tls.example) given\n"
				    "udp 192.0.2.5@53 () given\n"
				    "tcp 192.0.2.2@53 () given\n");
	given("nothing.example");
	assert_string_equal(find(), "");
}

static void a_silent_resolver_delays_a_list_for_a_bounded_time(void **state)
{
	(void)state;
	resolv_write("");
	world.servers[0].manner = WORLD_IS_SILENT;
	given("ns.example 192.0.2.1");
	assert_string_equal(find(), "udp 192.0.2.1@53 () given\n");
}

static void hosts_of_a_list_need_a_resolv_conf_that_can_be_read(void **state)
{
	char loop[FOLDER_PATH_MAX + 16];

	(void)state;
	snprintf(loop, sizeof(loop), "%s/loop", folder);
	assert_int_equal(symlink("loop", loop), 0);
	order.resolv_path = loop;
	given("ns.example 192.0.2.1 in.hosts");
	assert_string_equal(find(), "udp 192.0.2.1@53 () given\n"
				    "udp 192.0.2.5@53 () given\n");
}

static void search_domains_have_registries(void **state)
{
	(void)state;
	resolv_write("search c.example b.example\n");
	assert_string_equal(find(), "udp 192.0.2.7@99 () SRV _weft._tcp.b.example.\n");
	/* Servers with TLS count if they can be verified. */
	resolv_write("search a.example b.example\n");
	assert_string_equal(find(), "udp 192.0.2.7@99 () SRV _weft._tcp.b.example.\n");
	order.has_trust = true;
	assert_string_equal(find(),
			    "tls 2001:db8::7@99 (tls.example) SRV _dns-push-tls._tcp.a.example.\n");
}

static void without_any_the_resolvers_are_the_registries(void **state)
{
	char expected[400], at[100];

	(void)state;
	sscanf(world.list, "%99s", at);
	snprintf(expected, sizeof(expected), "udp %s () %s\n", at, resolv_path);
	resolv_write("search c.example\n");
	assert_string_equal(find(), expected);
	resolv_write("");
	assert_string_equal(find(), expected);
	world.servers[0].manner = WORLD_IS_SILENT;
	resolv_write("search c.example d.example e.example f.example g.example h.example i.a\n");
	assert_string_equal(find(), expected);
}

static void it_can_be_ended_at_any_time(void **state)
{
	bool never = false;

	(void)state;
	resolv_write("search c.example b.example\n");
	world.servers[0].manner = WORLD_IS_SILENT;
	for (unsigned ms = 0; ms < 3000; ms += 500) {
		struct locate_finder *f = NULL;

		assert_int_equal(locate_finder_new(&f, &world.events, &order, on_found, &f), 0);
		if (ms > 0)
			world_run(&world, &never, world.now_ms + ms);
		locate_finder_free(f);
		assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
		is_done = false;
	}
}

static void short_memory_finds_less_and_loses_nothing(void **state)
{
	(void)state;
	resolv_write("search a.example b.example\n");
	order.has_trust = true;
	for (int n = 0;; n++) {
		struct locate_finder *f;

		is_done = false;
		memory_fail_after(n);
		if (locate_finder_new(&f, &world.events, &order, on_found, &f) == 0)
			assert_true(world_run(&world, &is_done, world.now_ms + 20000));
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
		if (!memory_has_failed())
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_list_counts_alone_with_the_addresses_of_hosts,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_silent_resolver_delays_a_list_for_a_bounded_time,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(hosts_of_a_list_need_a_resolv_conf_that_can_be_read,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(search_domains_have_registries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_any_the_resolvers_are_the_registries,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_can_be_ended_at_any_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_memory_finds_less_and_loses_nothing, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
