/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Registrations in a registrant that has not been run: what is made, changed and freed, also when
 * memory is short. That they come into a registry test_registration of tests/system shows. */

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "../memory.h"
#include "registrant/clocks.h"
#include "registrant/registrant.h"

enum { WALL_MS = 1700000000 };

static struct resolve_events events;
static struct locate *locate;

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return WALL_MS;
}

static uint64_t slept_ms(void *arg)
{
	(void)arg;
	return 0;
}

static const struct registrant_clocks clocks = {wall_ms, slept_ms, NULL};

static int set_up(void **state)
{
	const struct locate_settings settings = {.config = "", .registry = "127.0.0.1@1"};
	struct base_error error;

	(void)state;
	return resolve_events_init(&events) < 0 ||
	       locate_new(&locate, &events, &settings, &error) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	locate_free(locate);
	resolve_events_fini(&events);
	return 0;
}

static struct registrant_settings settings_of(uint16_t port)
{
	static struct sockaddr_storage address = {.ss_family = AF_INET};
	static const uint8_t txt[] = "\3a=b";
	struct registrant_settings s = {.port = port,
					.lease_s = 60,
					.txt = txt,
					.ntxt = sizeof(txt) - 1,
					.addresses = &address,
					.naddresses = 1};

	memcpy(s.name, "\3web\5_http\4_tcp\3lab\5cloud", 26);
	return s;
}

static void on_event(void *arg, enum registrant_event event, int error, const char *why,
		     uint64_t now_ms)
{
	(void)error;
	(void)why;
	(void)now_ms;
	*(enum registrant_event *)arg = event;
}

static void one_that_was_not_sent_is_not_registered(void **state)
{
	struct registrant_settings settings = settings_of(80);
	struct registrant_service *s;
	struct registrant *r;

	(void)state;
	assert_int_equal(registrant_new(&r, &events, locate, &clocks), 0);
	assert_int_equal(registrant_service_new(&s, r, &settings, NULL, NULL), 0);
	assert_int_equal(registrant_service_lease_s(s), 0);
	assert_int_equal(registrant_service_incarnation(s), WALL_MS);
	assert_true(dns_name_equal(registrant_service_name(s), settings.name));
	registrant_service_free(s);
	registrant_free(r);
	assert_int_equal(resolve_events_deadline(&events), UINT64_MAX);
}

static void its_end_is_reported_if_nothing_was_sent(void **state)
{
	struct registrant_settings settings = settings_of(80);
	enum registrant_event event = REGISTRANT_DONE;
	struct registrant_service *s;
	struct registrant *r;

	(void)state;
	assert_int_equal(registrant_new(&r, &events, locate, &clocks), 0);
	assert_int_equal(registrant_service_new(&s, r, &settings, on_event, &event), 0);
	registrant_service_end(s);
	registrant_service_end(s);
	assert_int_equal(event, REGISTRANT_DONE);
	resolve_events_run(&events, 1);
	assert_int_equal(event, REGISTRANT_ENDED);
	registrant_service_free(s);
	registrant_free(r);
}

static void name_and_kind_cannot_change(void **state)
{
	struct registrant_settings settings = settings_of(80), other = settings;
	struct registrant_service *s;
	struct registrant *r;

	(void)state;
	assert_int_equal(registrant_new(&r, &events, locate, &clocks), 0);
	assert_int_equal(registrant_service_new(&s, r, &settings, NULL, NULL), 0);
	other.kind = REGISTRANT_NODE;
	assert_int_equal(registrant_service_change(s, &other), -EINVAL);
	other = settings;
	other.name[1] = 'x';
	assert_int_equal(registrant_service_change(s, &other), -EINVAL);
	other = settings;
	other.port = 0;
	assert_int_equal(registrant_service_change(s, &other), -EINVAL);
	other.port = 81;
	assert_int_equal(registrant_service_change(s, &other), 0);
	registrant_free(r);
}

static void without_the_addresses_of_the_network_there_is_no_node(void **state)
{
	struct registrant_settings settings = settings_of(80);
	struct rlimit before, none;
	struct registrant_service *s;
	struct registrant *r;

	(void)state;
	settings.naddresses = 0;
	assert_int_equal(registrant_new(&r, &events, locate, &clocks), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(registrant_service_new(&s, r, &settings, NULL, NULL), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(registrant_service_new(&s, r, &settings, NULL, NULL), 0);
	registrant_free(r);
	assert_int_equal(resolve_events_deadline(&events), UINT64_MAX);
}

/* Makes and changes a registration. Returns the first error. */
static int run(void)
{
	struct registrant_settings first = settings_of(80), second = settings_of(81);
	struct registrant_change *change = NULL;
	struct registrant_service *s = NULL;
	struct registrant *r = NULL;
	int ret = registrant_new(&r, &events, locate, &clocks);

	if (ret == 0)
		ret = registrant_service_new(&s, r, &first, NULL, NULL);
	if (ret == 0)
		ret = registrant_service_change(s, &second);
	if (ret == 0)
		ret = registrant_change_remove(&change, r, first.name, 1000, NULL, NULL);
	registrant_change_free(change);
	registrant_service_free(s);
	registrant_free(r);
	return ret;
}

static void short_memory_is_reported_and_leaves_nothing(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		int ret;

		memory_fail_after(n);
		ret = run();
		if (!memory_has_failed()) {
			memory_fail_after(MEMORY_ENOUGH);
			assert_int_equal(ret, 0);
			return;
		}
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(ret, -ENOMEM);
		assert_int_equal(resolve_events_deadline(&events), UINT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_was_not_sent_is_not_registered, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(its_end_is_reported_if_nothing_was_sent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(name_and_kind_cannot_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_the_addresses_of_the_network_there_is_no_node, set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_memory_is_reported_and_leaves_nothing, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
