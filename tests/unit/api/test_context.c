/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/context.h"
#include "api/wait.h"

#include "../memory.h"

static void a_new_context_waits_for_nothing(void **state)
{
	struct weft *w;

	(void)state;
	assert_int_equal(weft_new(&w), WEFT_OK);
	assert_true(fcntl(weft_fd(w), F_GETFD) & FD_CLOEXEC);
	assert_int_equal(weft_events(w), POLLIN);
	assert_int_equal(weft_deadline_ms(w), UINT64_MAX);
	assert_int_equal(weft_timeout_ms(w), -1);
	assert_string_equal(weft_error_text(w), "");
	weft_process(w);
	assert_int_equal(weft_wait(w, 0), WEFT_E_TIMEOUT);
	weft_free(w);
	weft_free(NULL);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct weft *w = arg;

	(void)now_ms;
	weft_process(w); /* does not call back into what is called */
	assert_int_equal(weft_wait(w, -1), WEFT_E_ARGUMENT);
}

static void what_waits_is_refused_within_a_callback(void **state)
{
	struct resolve_timer timer = {.on_due = on_due};
	struct weft *w;

	(void)state;
	assert_int_equal(weft_new(&w), WEFT_OK);
	timer.arg = w;
	resolve_timer_set(&w->events.timers, &timer, 0);
	assert_int_equal(weft_timeout_ms(w), 0);
	assert_int_equal(weft_wait(w, -1), WEFT_OK);
	assert_false(resolve_timer_is_set(&timer));
	assert_non_null(strstr(weft_error_text(w), "callback"));
	weft_free(w);
}

static struct weft *wait_context;
static unsigned nended;

static void on_end(struct api_object *object)
{
	api_context_remove(object);
	nended++;
}

static void on_due_free(void *arg, uint64_t now_ms)
{
	struct weft *w = arg;

	(void)now_ms;
	weft_free(w);
	assert_int_equal(nended, 1);
	weft_free(w);
	assert_int_equal(weft_wait(w, -1), WEFT_E_ARGUMENT);
}

/* Makes a context with an object and with a timer that frees it. */
static struct weft *freed_when_due(struct api_object *object, struct resolve_timer *timer)
{
	struct weft *w;

	nended = 0;
	assert_int_equal(weft_new(&w), WEFT_OK);
	object->end = on_end;
	api_context_add(w, object);
	*timer = (struct resolve_timer){.on_due = on_due_free, .arg = w};
	resolve_timer_set(&w->events.timers, timer, 0);
	return w;
}

static void a_context_freed_by_a_callback_lives_until_that_returns(void **state)
{
	struct resolve_timer timer;
	struct api_object object;
	struct weft *w;
	int fd;

	(void)state;
	w = freed_when_due(&object, &timer);
	assert_int_equal(weft_wait(w, -1), WEFT_E_CANCELLED);
	w = freed_when_due(&object, &timer);
	fd = weft_fd(w);
	weft_process(w);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void on_due_free_waited(void *arg, uint64_t now_ms)
{
	struct api_wait *wait = arg;

	(void)now_ms;
	weft_free(wait_context);
	api_wait_end(wait, wait_context, WEFT_OK);
}

static void a_context_that_a_function_waits_with_is_not_freed(void **state)
{
	struct api_wait wait = {0};
	struct resolve_timer timer = {.on_due = on_due_free_waited, .arg = &wait};

	(void)state;
	assert_int_equal(weft_new(&wait_context), WEFT_OK);
	resolve_timer_set(&wait_context->events.timers, &timer, 0);
	assert_int_equal(api_wait_for(&wait, wait_context, UINT64_MAX), WEFT_OK);
	assert_int_equal(weft_wait(wait_context, 0), WEFT_E_TIMEOUT);
	weft_free(wait_context);
}

static void a_deadline_is_the_time_that_poll_may_wait(void **state)
{
	struct resolve_timer timer = {.on_due = on_due};
	uint64_t now_ms = api_context_now_ms();
	struct weft *w;

	(void)state;
	assert_int_equal(weft_new(&w), WEFT_OK);
	resolve_timer_set(&w->events.timers, &timer, now_ms + 3600 * 1000);
	assert_int_equal(weft_deadline_ms(w), now_ms + 3600 * 1000);
	assert_in_range(weft_timeout_ms(w), 3500 * 1000, 3600 * 1000);
	resolve_timer_set(&w->events.timers, &timer, UINT64_MAX - 1);
	assert_int_equal(weft_timeout_ms(w), INT32_MAX);
	weft_free(w);
}

static void settings_are_copied(void **state)
{
	char path[] = "/a";
	struct weft *w;

	(void)state;
	assert_int_equal(weft_new(&w), WEFT_OK);
	assert_int_equal(weft_set_key_file(w, path, "n1"), WEFT_OK);
	path[1] = 'b';
	assert_string_equal(w->key_file, "/a");
	assert_string_equal(w->key_name, "n1");
	assert_int_equal(weft_set_key_file(w, path, NULL), WEFT_OK);
	assert_string_equal(w->key_file, "/b");
	assert_null(w->key_name);
	assert_int_equal(weft_set_stale(w, 0), WEFT_OK);
	assert_int_equal(w->stale_ms, 0);
	assert_int_equal(weft_set_stale(w, -1), WEFT_OK);
	assert_int_equal(w->stale_ms, -1);
	weft_free(w);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	char label[65];
	struct weft *w;

	(void)state;
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(weft_new(&w), WEFT_OK);
	assert_int_equal(weft_set_domain(w, label), WEFT_E_NAME);
	assert_non_null(strstr(weft_error_text(w), "not a domain name"));
	assert_int_equal(weft_set_domain(w, "a..b"), WEFT_E_NAME);
	assert_int_equal(weft_set_domain(w, "lab.cloud"), WEFT_OK);
	assert_int_equal(weft_set_key_file(w, NULL, "n1"), WEFT_E_ARGUMENT);
	assert_int_equal(weft_set_tls_certificate(w, NULL, "key.pem"), WEFT_E_ARGUMENT);
	weft_free(w);
}

static int settings_make(struct weft *w)
{
	int ret = weft_set_registry(w, "192.0.2.1");

	if (ret == WEFT_OK)
		ret = weft_set_domain(w, "lab.cloud");
	if (ret == WEFT_OK)
		ret = weft_set_tls_certificate(w, "cert.pem", "key.pem");
	return ret != WEFT_OK ? ret : weft_set_key_file(w, "key", "name");
}

static void short_memory_leaves_settings_as_they_were(void **state)
{
	struct weft *w;
	int n = 0, ret;

	(void)state;
	do {
		memory_fail_after(n++);
		ret = weft_new(&w);
		if (ret == WEFT_OK) {
			ret = settings_make(w);
			assert_true((w->key_file == NULL) == (w->key_name == NULL));
			assert_true((w->tls_certificate == NULL) == (w->tls_key == NULL));
			weft_free(w);
		}
		assert_int_equal(ret, memory_has_failed() ? WEFT_E_MEMORY : WEFT_OK);
	} while (memory_has_failed());
	memory_fail_after(MEMORY_ENOUGH);
	assert_true(n > 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_context_waits_for_nothing),
		cmocka_unit_test(what_waits_is_refused_within_a_callback),
		cmocka_unit_test(a_context_freed_by_a_callback_lives_until_that_returns),
		cmocka_unit_test(a_context_that_a_function_waits_with_is_not_freed),
		cmocka_unit_test(a_deadline_is_the_time_that_poll_may_wait),
		cmocka_unit_test(settings_are_copied),
		cmocka_unit_test(settings_that_cannot_be_are_refused),
		cmocka_unit_test(short_memory_leaves_settings_as_they_were),
	};

	return cmocka_run_group_tests_name("api/context", tests, NULL, NULL);
}
