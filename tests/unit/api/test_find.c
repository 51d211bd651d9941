/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/find.h>

#include "kit.h"

static void found_never(void *arg, int error, struct weft_instances *found)
{
	(void)arg;
	(void)error;
	(void)found;
	fail();
}

static void a_find_that_is_cancelled_is_not_called(void **state)
{
	struct weft *w = kit_context();
	struct weft_find *f;

	(void)state;
	assert_int_equal(weft_find_start(w, "_http._tcp", -1, found_never, NULL, &f), WEFT_OK);
	assert_int_equal(kit_nobjects(w), 1);
	weft_find_cancel(f);
	weft_find_cancel(NULL);
	assert_int_equal(kit_nobjects(w), 0);
	weft_process(w);
	weft_free(w);
}

static void what_cannot_be_a_name_is_refused_at_once(void **state)
{
	static const char *const names[] = {
		"",
		"a..b",
		"_http._tcp.\\300",
		"0123456789012345678901234567890123456789012345678901234567890123._http._tcp",
		"db:0",
		"db:65536",
	};
	struct weft *w = kit_context();
	struct weft_instances *all = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(weft_find(w, names[i], -1, &all), WEFT_E_NAME);
		assert_string_not_equal(weft_error_text(w), "");
		assert_null(all);
	}
	assert_int_equal(weft_find_types(w, "a..b", -1, &all), WEFT_E_NAME);
	assert_int_equal(kit_nobjects(w), 0);
	weft_free(w);
}

static void without_a_registry_a_find_ends_with_its_name(void **state)
{
	struct weft *w = kit_context();
	struct weft_instances *all = NULL;

	(void)state;
	assert_int_equal(weft_find(w, "_http._tcp", -1, &all), WEFT_E_NO_REGISTRY);
	assert_non_null(strstr(weft_error_text(w), "127.0.0.1@1"));
	assert_null(all);
	assert_int_equal(kit_nobjects(w), 0);
	weft_free(w);
}

static void an_address_is_found_without_a_registry(void **state)
{
	struct weft *w = kit_context();
	struct weft_instances *all = NULL;
	const struct weft_instance *i;
	struct weft_instance *copy;
	socklen_t nbytes;

	(void)state;
	assert_int_equal(weft_find(w, "192.0.2.7:80", -1, &all), WEFT_OK);
	assert_int_equal(weft_instances_count(all), 1);
	assert_null(weft_instances_get(all, 1));
	i = weft_instances_get(all, 0);
	assert_int_equal(weft_instance_port(i), 80);
	assert_int_equal(weft_instance_address_count(i), 1);
	assert_int_equal(weft_instance_address(i, 0, &nbytes)->sa_family, AF_INET);
	assert_null(weft_instance_address(i, 1, NULL));
	assert_null(weft_instance_txt(i, "path", NULL));
	assert_null(weft_instance_txt_key(i, 0));
	assert_null(weft_instance_txt_value(i, 0, NULL));
	assert_string_equal(weft_instance_id(i), "");
	assert_string_equal(weft_state_name(weft_instance_state(i)), "up");
	assert_string_equal(weft_state_name((enum weft_state)99), "");
	/* An instance outlives what it was found in, and the context. */
	copy = weft_instance_copy(i);
	weft_instances_free(all);
	weft_free(w);
	assert_int_equal(weft_instance_port(copy), 80);
	weft_instance_free(copy);
}

static int begin(struct weft *w)
{
	return weft_find_start(w, "_http._tcp", -1, found_never, NULL, NULL);
}

static int begin_types(struct weft *w)
{
	return weft_find_types_start(w, NULL, -1, found_never, NULL, NULL);
}

static void without_memory_nothing_is_begun(void **state)
{
	(void)state;
	kit_fail_each(begin);
	kit_fail_each(begin_types);
}

static void *contexts_use(void *arg)
{
	const char *const registries[] = {"127.0.0.1@1", "tcp://127.0.0.1@1", "tls://127.0.0.1@1"};
	size_t *nfailed = arg;

	for (size_t i = 0; i < 12; i++) {
		struct weft_instances *found = NULL;
		struct weft *w = NULL;

		if (weft_new(&w) != WEFT_OK || weft_set_config(w, "") != WEFT_OK ||
		    weft_set_registry(w, registries[i % 3]) != WEFT_OK ||
		    weft_find(w, "_http._tcp.lab.cloud.", 5000, &found) != WEFT_E_NO_REGISTRY)
			(*nfailed)++;
		weft_free(w);
	}
	return NULL;
}

static void contexts_of_several_threads_are_independent(void **state)
{
	enum { NTHREADS = 4 };
	size_t nfailed[NTHREADS] = {0};
	pthread_t threads[NTHREADS];

	(void)state;
	for (size_t i = 0; i < NTHREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, contexts_use, &nfailed[i]), 0);
	for (size_t i = 0; i < NTHREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(nfailed[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_find_that_is_cancelled_is_not_called),
		cmocka_unit_test(what_cannot_be_a_name_is_refused_at_once),
		cmocka_unit_test(without_a_registry_a_find_ends_with_its_name),
		cmocka_unit_test(an_address_is_found_without_a_registry),
		cmocka_unit_test(without_memory_nothing_is_begun),
		cmocka_unit_test(contexts_of_several_threads_are_independent),
	};

	return cmocka_run_group_tests_name("api/find", tests, NULL, NULL);
}
