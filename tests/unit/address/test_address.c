/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../locate/world.h"
#include "../memory.h"
#include "address/address.h"
#include "base/error.h"
#include "base/secret.h"

static const uint8_t zone[] = "\3lab";

static struct world world;
static struct locate *locate;
static bool is_reported;
static unsigned nreports;
static struct sockaddr_storage reported[ADDRESS_MAX];
static size_t nreported;

static int begin(void **state)
{
	struct locate_settings settings = {.config = ""};
	struct base_error error;

	(void)state;
	nreports = 0;
	world_start(&world, 1);
	settings.registry = world.list;
	return locate_new(&locate, &world.events, &settings, &error);
}

static int end(void **state)
{
	(void)state;
	locate_free(locate);
	world_end(&world);
	return 0;
}

static void on_change(void *arg, const struct sockaddr_storage *addresses, size_t n,
		      uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	is_reported = true;
	nreports++;
	memcpy(reported, addresses, n * sizeof(*addresses));
	nreported = n;
}

static struct sockaddr_storage address_of(const char *text, uint16_t port)
{
	struct sockaddr_storage out;

	memset(&out, 0, sizeof(out));
	if (strchr(text, ':') != NULL) {
		out.ss_family = AF_INET6;
		((struct sockaddr_in6 *)&out)->sin6_port = htons(port);
		assert_int_equal(
			inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&out)->sin6_addr), 1);
	} else {
		out.ss_family = AF_INET;
		((struct sockaddr_in *)&out)->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &((struct sockaddr_in *)&out)->sin_addr),
				 1);
	}
	return out;
}

/* Follows the addresses until the first report. */
static void follow(const struct address_settings *settings)
{
	struct address *a;

	is_reported = false;
	assert_int_equal(address_new(&a, &world.events, locate, zone, settings, on_change, NULL),
			 0);
	assert_int_equal(nreports, 0);
	assert_true(world_run(&world, &is_reported, world.now_ms + 10000));
	address_free(a);
}

static void given_addresses_are_reported_once_each_without_ports_and_in_order(void **state)
{
	const struct sockaddr_storage given[] = {
		address_of("2001:db8::1", 0), address_of("192.0.2.2", 53),
		address_of("192.0.2.1", 0), address_of("192.0.2.2", 0)};
	const struct sockaddr_storage want[] = {address_of("192.0.2.1", 0),
						address_of("192.0.2.2", 0),
						address_of("2001:db8::1", 0)};

	(void)state;
	follow(&(struct address_settings){ADDRESS_GIVEN, .given = given, .ngiven = 4});
	assert_int_equal(nreported, 3);
	assert_memory_equal(reported, want, sizeof(want));
}

static void an_interface_that_is_not_there_has_no_addresses(void **state)
{
	const char *const names[] = {"no-such-one"};

	(void)state;
	follow(&(struct address_settings){ADDRESS_INTERFACE, .interfaces = names,
					  .ninterfaces = 1});
	assert_int_equal(nreported, 0);
}

static void short_memory_is_an_error(void **state)
{
	const char *const names[] = {"lo", "eth0"};
	const struct address_settings settings[] = {
		{ADDRESS_INTERFACE, .interfaces = names, .ninterfaces = 2}, {.kind = ADDRESS_SEEN}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct address *a = NULL;
		int ret = -ENOMEM;

		for (int n = 0; ret < 0; n++) {
			memory_fail_after(n);
			ret = address_new(&a, &world.events, locate, zone, &settings[i], on_change,
					  NULL);
			memory_fail_after(MEMORY_ENOUGH);
			assert_true(ret == 0 || ret == -ENOMEM);
		}
		address_free(a);
	}
}

static int secret_start(void **state)
{
	(void)state;
	return base_secret_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			given_addresses_are_reported_once_each_without_ports_and_in_order, begin,
			end),
		cmocka_unit_test_setup_teardown(an_interface_that_is_not_there_has_no_addresses,
						begin, end),
		cmocka_unit_test_setup_teardown(short_memory_is_an_error, begin, end),
	};

	return cmocka_run_group_tests(tests, secret_start, NULL);
}
