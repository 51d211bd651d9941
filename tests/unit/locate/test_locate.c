/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/locate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "world.h"

static struct world world;
static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 16];
static struct base_error error;

static int set_up(void **state)
{
	(void)state;
	unsetenv("WEFT_REGISTRY");
	unsetenv("WEFT_KEY_FILE");
	unsetenv("WEFT_CERTIFICATE");
	folder_make(folder, "locate");
	snprintf(path, sizeof(path), "%s/client.conf", folder);
	world_start(&world, 0);
	error = (struct base_error){0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_end(&world);
	folder_remove(folder);
	return 0;
}

static int make(struct locate **out, const char *text)
{
	const struct locate_settings settings = {.config = path};

	folder_write(folder, "client.conf", text);
	return locate_new(out, &world.events, &settings, &error);
}

/* One that waits: what it was called with. */
struct waiting {
	struct locate_waiter waiter;
	bool is_done;
	int error;
	struct locate *locate;
	struct waiting *then; /* begins to wait from the call */
};

static void on_known(void *arg, int ret, uint64_t now_ms)
{
	struct waiting *w = arg;

	(void)now_ms;
	w->is_done = true;
	w->error = ret;
	if (w->then != NULL)
		locate_wait(w->locate, &w->then->waiter);
}

static void registries_are_known_to_all_that_wait(void **state)
{
	struct waiting a = {0}, b = {0}, c = {0};
	const struct locate_registry *r;
	struct locate *l;
	size_t n;

	(void)state;
	a.waiter = (struct locate_waiter){.on_known = on_known, .arg = &a};
	b.waiter = (struct locate_waiter){.on_known = on_known, .arg = &b};
	c.waiter = (struct locate_waiter){.on_known = on_known, .arg = &c};
	assert_int_equal(make(&l, "registry: [192.0.2.1, tcp://192.0.2.2]\n"), 0);
	locate_registries(l, &n);
	assert_int_equal(n, 0); /* they are found when they are needed */
	a.locate = l;
	a.then = &c;
	locate_wait(l, &b.waiter);
	locate_wait(l, &a.waiter);
	locate_wait_end(l, &b.waiter);
	assert_true(world_run(&world, &c.is_done, world.now_ms + 100));
	assert_true(a.is_done && !b.is_done);
	assert_int_equal(a.error, 0);
	r = locate_registries(l, &n);
	assert_int_equal(n, 2);
	assert_non_null(strstr(r[0].source, "client.conf:1"));
	assert_int_equal(r[1].transport, LOCATE_TCP);
	locate_free(l);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
}

static void what_is_wrong_is_reported_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
		int ret;
	} cases[] = {
		{"\nregistry: [192.0.2.1, '192.0.2.2@x']\n", ":2: invalid registry", -EINVAL},
		{"registry:\n - 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5\n - 192.0.2.6\n"
		 " - 192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.12 192.0.2.13\n"
		 " - 192.0.2.14 192.0.2.15 192.0.2.16 192.0.2.17\n",
		 ":5: more than 16 registries", -EINVAL},
		{"domain: a..b\n", ":1: invalid domain", -EINVAL},
		{"registry: ''\n", ":1: ", -EINVAL},
		{"key-file: none\n", ":1: ", -ENOKEY},
		{"public-key: x\n", ":1: invalid public key", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct locate *l;
		char expected[200];

		error = (struct base_error){0};
		assert_int_equal(make(&l, cases[i].text), cases[i].ret);
		snprintf(expected, sizeof(expected), "%s%s", path, cases[i].message);
		if (strncmp(error.text, expected, strlen(expected)) != 0)
			fail_msg("%s: %s", cases[i].text, error.text);
		assert_null(error.at.file);
	}
}

static void short_memory_is_an_error(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct locate *l;
		int ret;

		folder_write(folder, "one.key",
			     "key \"a\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n");
		memory_fail_after(n);
		ret = make(&l, "registry: 192.0.2.1\ndomain: lab.cloud\nkey-file: one.key\n");
		memory_fail_after(MEMORY_ENOUGH);
		if (ret == 0)
			locate_free(l);
		if (!memory_has_failed())
			break;
		assert_true(ret == 0 || ret == -ENOMEM || ret == -ENOKEY || ret == -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registries_are_known_to_all_that_wait, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_reported_with_its_place, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(short_memory_is_an_error, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
