/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream/clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/address.h"

static struct stream_client *add(struct stream_clients *cs, const char *address, unsigned of_client,
				 unsigned in_all)
{
	struct stream_client *client;
	struct sockaddr_storage sa;
	unsigned got_of_client, got_in_all;

	assert_int_equal(base_address_from_text(&sa, address, 53), 0);
	client = stream_clients_add(cs, (struct sockaddr *)&sa, &got_of_client, &got_in_all);
	assert_non_null(client);
	assert_int_equal(got_of_client, of_client);
	assert_int_equal(got_in_all, in_all);
	return client;
}

static void connections_of_one_address_are_counted_together(void **state)
{
	struct stream_clients *cs = stream_clients_new(2);
	struct stream_client *a = add(cs, "192.0.2.1@1000", 1, 1), *b;

	(void)state;
	assert_ptr_equal(add(cs, "192.0.2.1@1001", 2, 2), a);
	b = add(cs, "192.0.2.2@1000", 1, 3);
	assert_ptr_not_equal(b, a);
	stream_clients_remove(cs, a);
	assert_ptr_equal(add(cs, "192.0.2.1@1002", 2, 3), a);
	stream_clients_remove(cs, a);
	stream_clients_remove(cs, a);
	stream_clients_remove(cs, b);
	stream_clients_free(cs);
}

static void an_ipv6_client_is_a_network_of_56_bits(void **state)
{
	struct stream_clients *cs = stream_clients_new(1);
	struct stream_client *a = add(cs, "2001:db8:0:1200::1", 1, 1);
	struct stream_client *b = add(cs, "2001:db8:0:12ff:ffff::1", 2, 2);
	struct stream_client *c = add(cs, "2001:db8:0:1300::1", 1, 3);

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	stream_clients_remove(cs, a);
	stream_clients_remove(cs, b);
	stream_clients_remove(cs, c);
	stream_clients_free(cs);
}

static void many_clients_are_found_again_and_forgotten(void **state)
{
	enum { MANY = 3000 };
	static struct stream_client *clients[2 * MANY];
	struct stream_clients *cs = stream_clients_new(4);
	char address[64];

	(void)state;
	for (unsigned i = 0; i < 2 * MANY; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i % MANY / 250, i % MANY % 250);
		clients[i] = add(cs, address, 1 + i / MANY, i + 1);
	}
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(clients[i], clients[i + MANY]);
	for (unsigned i = 0; i < 2 * MANY; i++)
		stream_clients_remove(cs, clients[i]);
	stream_clients_remove(cs, add(cs, "10.0.0.0", 1, 1));
	stream_clients_free(cs);
}

static void sessions_have_limits_of_their_own(void **state)
{
	struct stream_clients *cs = stream_clients_new(1);
	struct stream_client *a = add(cs, "192.0.2.1@1000", 1, 1);
	struct stream_client *b = add(cs, "192.0.2.2@1000", 1, 2);

	(void)state;
	assert_int_equal(stream_clients_begin_session(cs, a, 2, 3), STREAM_LIMIT_NONE);
	add(cs, "192.0.2.1@1001", 1, 2);
	assert_int_equal(stream_clients_begin_session(cs, a, 2, 3), STREAM_LIMIT_NONE);
	add(cs, "192.0.2.1@1002", 1, 2);
	assert_int_equal(stream_clients_begin_session(cs, a, 2, 3), STREAM_LIMIT_CLIENT);
	assert_int_equal(stream_clients_begin_session(cs, b, 2, 3), STREAM_LIMIT_NONE);
	assert_int_equal(stream_clients_begin_session(cs, b, 2, 3), STREAM_LIMIT_ALL);
	assert_int_equal(stream_clients_nsessions(cs), 3);
	stream_clients_end_session(cs, a);
	assert_int_equal(stream_clients_begin_session(cs, b, 2, 3), STREAM_LIMIT_NONE);
	stream_clients_end_session(cs, a);
	stream_clients_end_session(cs, b);
	stream_clients_end_session(cs, b);
	add(cs, "192.0.2.2@1001", 2, 5);
	for (unsigned i = 0; i < 3; i++)
		stream_clients_remove(cs, a);
	stream_clients_remove(cs, b);
	stream_clients_remove(cs, b);
	stream_clients_free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_of_one_address_are_counted_together),
		cmocka_unit_test(an_ipv6_client_is_a_network_of_56_bits),
		cmocka_unit_test(many_clients_are_found_again_and_forgotten),
		cmocka_unit_test(sessions_have_limits_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
