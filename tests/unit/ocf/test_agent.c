/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Agents of Debian's resource-agents where they are installed, and ones that violate the API. */

#include "ocf/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../supervise/bench_host.h"
#include "base/error.h"
#include "ocf/metadata.h"
#include "supervise/host.h"
#include "supervise/host_priv.h"
#include "supervise/machine.h"
#include "supervise/unit.h"

struct outcome {
	bool is_there;
	int code;
	char text[BASE_ERROR_TEXT_MAX];
};

static void on_loaded(void *arg, struct ocf_agent *agent, const struct base_error *error)
{
	struct outcome *outcome = arg;

	(void)agent;
	outcome->is_there = true;
	outcome->code = error != NULL ? error->code : 0;
	snprintf(outcome->text, sizeof(outcome->text), "%s", error != NULL ? error->text : "");
}

static struct ocf_agent *load(struct bench *bench, const struct ocf_agent_settings *settings,
			      struct outcome *outcome)
{
	struct ocf_agent *agent = NULL;
	struct base_error error;
	int ret;

	memset(outcome, 0, sizeof(*outcome));
	ret = ocf_agent_load(&agent, supervise_host_reaper(bench->host), settings, on_loaded,
			     outcome, &error);
	if (ret < 0) {
		outcome->code = ret;
		snprintf(outcome->text, sizeof(outcome->text), "%s", error.text);
		return NULL;
	}
	bench_wait(bench, &outcome->is_there);
	return agent;
}

/* Writes an agent bad:NAME of the bench, a shell script. */
static void agent_write(struct bench *bench, const char *name, const char *script)
{
	char file[64];
	int fd;

	mkdir(bench_path(bench, "resource.d"), 0755);
	mkdir(bench_path(bench, "resource.d/bad"), 0755);
	snprintf(file, sizeof(file), "resource.d/bad/%s", name);
	fd = open(bench_path(bench, file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_int_equal(write(fd, script, strlen(script)), strlen(script));
	close(fd);
}

static void names_are_checked(void **state)
{
	static const char *const cases[] = {"",
					    "apache",
					    "heartbeat:",
					    ":apache",
					    "heartbeat:../x",
					    "../x:apache",
					    "heartbeat:a:b",
					    "heart/beat:x",
					    "heartbeat:.x"};
	struct bench *bench = *state;
	struct outcome outcome;

	bench_host(bench, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		load(bench, &(struct ocf_agent_settings){.name = cases[i], .instance = "x"},
		     &outcome);
		assert_int_equal(outcome.code, -EINVAL);
	}
	load(bench, &(struct ocf_agent_settings){.name = "ocf:heartbeat:None", .instance = "x"},
	     &outcome);
	assert_int_equal(outcome.code, -ENOENT);
	bench_host_close(bench);
}

static void agents_that_violate_the_api_are_refused(void **state)
{
	static const struct {
		const char *script, *text;
	} cases[] = {
		{"#!/bin/sh\nexit 0\n",
		 "agent bad:one: violates the OCF API: meta-data is not XML"},
		{"#!/bin/sh\necho '<resource-agent>'\n", "agent bad:one: no element found"},
		{"#!/bin/sh\necho oops >&2; exit 77\n",
		 "agent bad:one: meta-data: violates the OCF API (OCF status 77): oops"},
		{"#!/bin/sh\nkill -9 $$\n", "agent bad:one: meta-data: killed by SIGKILL"},
		{"#!/bin/sh\necho '<resource-agent><actions><action name=\"start\"/></actions>"
		 "</resource-agent>'\n",
		 "agent bad:one: violates the OCF API: has no action stop"},
		{"#!/no/such/shell\n", "agent bad:one: meta-data: cannot run"},
	};
	struct bench *bench = *state;
	struct outcome outcome;

	bench_host(bench, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		agent_write(bench, "one", cases[i].script);
		ocf_agent_free(load(bench,
				    &(struct ocf_agent_settings){.name = "bad:one",
								 .instance = "x",
								 .root = bench->folder},
				    &outcome));
		assert_true(outcome.code < 0);
		if (strncmp(outcome.text, cases[i].text, strlen(cases[i].text)) != 0)
			assert_string_equal(outcome.text, cases[i].text);
	}
	bench_host_close(bench);
}

struct subject {
	struct supervise_unit *unit;
	enum supervise_unit_state wanted;
};

static void on_state(void *arg, struct supervise_unit *unit, enum supervise_unit_state old)
{
	(void)arg;
	(void)unit;
	(void)old;
}

static void on_health(void *arg, struct supervise_unit *unit)
{
	(void)arg;
	(void)unit;
}

static const struct supervise_unit_events events = {.on_state = on_state, .on_health = on_health};

static bool is_reached(void *arg)
{
	struct subject *s = arg;
	struct supervise_unit_view view;

	supervise_unit_get(s->unit, &view);
	if (view.state == SUPERVISE_UNIT_FAILED && s->wanted != SUPERVISE_UNIT_FAILED)
		fail_msg("failed: %s", view.reason);
	return view.state == s->wanted;
}

static void reach(struct bench *bench, struct subject *s, enum supervise_unit_state wanted)
{
	s->wanted = wanted;
	bench_wait_for(bench, is_reached, s);
}

static bool has_restarted(void *arg)
{
	struct supervise_unit_view view;

	supervise_unit_get(((struct subject *)arg)->unit, &view);
	return view.nrestarts > 0 && view.state == SUPERVISE_UNIT_UP;
}

static void a_real_agent_is_a_unit(void **state)
{
	struct bench *bench = *state;
	const char *file = bench_path(bench, "dummy");
	struct ocf_agent_parameter parameters[] = {{"state", file}, {"nonsense", "1"}};
	struct ocf_agent_settings settings = {.name = "heartbeat:Dummy",
					      .instance = "dummy",
					      .parameters = parameters,
					      .nparameters = 2,
					      .interval_ms = 20};
	struct supervise_machine_settings machine;
	struct supervise_unit_settings unit = {
		.name = "dummy", .restart = {.times = 5, .within_ms = 60000, .backoff_max_ms = 1}};
	struct supervise_runner *runner;
	struct ocf_agent *agent;
	struct outcome outcome;
	struct subject s;

	if (access("/usr/lib/ocf/resource.d/heartbeat/Dummy", X_OK) < 0)
		skip();
	bench_host(bench, false);
	ocf_agent_free(load(bench, &settings, &outcome));
	assert_string_equal(outcome.text, "agent heartbeat:Dummy: has no parameter nonsense");
	settings.nparameters = 1;
	agent = load(bench, &settings, &outcome);
	assert_string_equal(outcome.text, "");
	assert_true(ocf_metadata_action(ocf_agent_metadata(agent), "start")->timeout_ms > 0);
	machine = *ocf_agent_machine(agent);
	machine.name = "dummy";
	unit.check = ocf_agent_check(agent);
	assert_int_equal(supervise_machine_new(&runner, bench->host, &machine), 0);
	assert_int_equal(
		supervise_unit_open(&s.unit, bench->host, &unit, runner, &events, &s, NULL), 0);
	supervise_unit_start(s.unit);
	reach(bench, &s, SUPERVISE_UNIT_UP);
	assert_int_equal(access(file, F_OK), 0);
	unlink(file); /* dies */
	bench_wait_for(bench, has_restarted, &s);
	assert_int_equal(access(file, F_OK), 0);
	supervise_unit_stop(s.unit);
	reach(bench, &s, SUPERVISE_UNIT_STOPPED);
	assert_int_not_equal(access(file, F_OK), 0);
	supervise_unit_close(s.unit);
	ocf_agent_free(agent);
	bench_host_close(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_checked),
		TEST(agents_that_violate_the_api_are_refused),
		TEST(a_real_agent_is_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
