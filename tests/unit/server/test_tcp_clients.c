/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/tcp_clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/address.h"

static struct server_tcp_client *add(struct server_tcp_clients *cs, const char *address,
				     unsigned of_client, unsigned in_all)
{
	struct server_tcp_client *client;
	struct sockaddr_storage sa;
	unsigned got_of_client, got_in_all;

	assert_int_equal(base_address_from_text(&sa, address, 53), 0);
	client = server_tcp_clients_add(cs, (struct sockaddr *)&sa, &got_of_client, &got_in_all);
	assert_non_null(client);
	assert_int_equal(got_of_client, of_client);
	assert_int_equal(got_in_all, in_all);
	return client;
}

static void connections_of_one_address_are_counted_together(void **state)
{
	struct server_tcp_clients *cs = server_tcp_clients_new(2);
	struct server_tcp_client *a = add(cs, "192.0.2.1@1000", 1, 1), *b;

	(void)state;
	assert_ptr_equal(add(cs, "192.0.2.1@1001", 2, 2), a);
	b = add(cs, "192.0.2.2@1000", 1, 3);
	assert_ptr_not_equal(b, a);
	server_tcp_clients_remove(cs, a);
	assert_ptr_equal(add(cs, "192.0.2.1@1002", 2, 3), a);
	server_tcp_clients_remove(cs, a);
	server_tcp_clients_remove(cs, a);
	server_tcp_clients_remove(cs, b);
	server_tcp_clients_free(cs);
}

static void an_ipv6_client_is_a_network_of_56_bits(void **state)
{
	struct server_tcp_clients *cs = server_tcp_clients_new(1);
	struct server_tcp_client *a = add(cs, "2001:db8:0:1200::1", 1, 1);
	struct server_tcp_client *b = add(cs, "2001:db8:0:12ff:ffff::1", 2, 2);
	struct server_tcp_client *c = add(cs, "2001:db8:0:1300::1", 1, 3);

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	server_tcp_clients_remove(cs, a);
	server_tcp_clients_remove(cs, b);
	server_tcp_clients_remove(cs, c);
	server_tcp_clients_free(cs);
}

static void many_clients_are_found_again_and_forgotten(void **state)
{
	enum { MANY = 3000 };
	static struct server_tcp_client *clients[2 * MANY];
	struct server_tcp_clients *cs = server_tcp_clients_new(4);
	char address[64];

	(void)state;
	for (unsigned i = 0; i < 2 * MANY; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i % MANY / 250, i % MANY % 250);
		clients[i] = add(cs, address, 1 + i / MANY, i + 1);
	}
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(clients[i], clients[i + MANY]);
	for (unsigned i = 0; i < 2 * MANY; i++)
		server_tcp_clients_remove(cs, clients[i]);
	server_tcp_clients_remove(cs, add(cs, "10.0.0.0", 1, 1));
	server_tcp_clients_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_of_one_address_are_counted_together),
		cmocka_unit_test(an_ipv6_client_is_a_network_of_56_bits),
		cmocka_unit_test(many_clients_are_found_again_and_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
