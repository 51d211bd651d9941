/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/log.h"
#include "control/server.h"

/* The request, without a socket: the functions below stand for those of control/server.c. */
struct control_request {
	const char *arg;
	bool is_answered;
	char failure[128];
};

const char *control_request_arg(const struct control_request *request, size_t i)
{
	assert_int_equal(i, 0);
	return request->arg;
}

void control_request_answer(struct control_request *request, json_t *take_result)
{
	assert_true(json_is_null(take_result));
	request->is_answered = true;
	json_decref(take_result);
}

void control_request_fail(struct control_request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(request->failure, sizeof(request->failure), format, args);
	va_end(args);
}

static void a_level_holds_at_once(void **state)
{
	struct control_request error = {.arg = "error"}, debug = {.arg = "debug"};

	(void)state;
	control_log_run(NULL, &error);
	assert_true(error.is_answered);
	assert_int_equal(base_log_get_level(), BASE_LOG_ERROR);
	control_log_run(NULL, &debug);
	assert_true(debug.is_answered);
	assert_int_equal(base_log_get_level(), BASE_LOG_DEBUG);
}

static void another_word_is_refused_with_the_levels(void **state)
{
	struct control_request request = {.arg = "loud"};

	(void)state;
	base_log_set_level(BASE_LOG_INFO);
	control_log_run(NULL, &request);
	assert_false(request.is_answered);
	assert_string_equal(request.failure,
			    "loud is not a log level: use error, warning, info or debug");
	assert_int_equal(base_log_get_level(), BASE_LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_holds_at_once),
		cmocka_unit_test(another_word_is_refused_with_the_levels),
	};

	return cmocka_run_group_tests_name("control/log", tests, NULL, NULL);
}
