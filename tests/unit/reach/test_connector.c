/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Watch and look-ups are this test's own: what they report is given. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"
#include "reach/connector.h"

enum { ALL_MAX = 8, DEADLINE_MS = 10000, TURNS = 8 };

struct follow_watch {
	follow_watch_fn on_event;
	void *arg;
	struct find_instance *all[ALL_MAX];
	size_t n;
	bool is_current, is_polled;
};

static struct follow_watch *the_watch; /* NULL: none is there */

int follow_watch_new(struct follow_watch **out, struct follow *f, const struct find_name *name,
		     follow_watch_fn on_event, void *arg)
{
	(void)f;
	(void)name;
	*out = the_watch = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->on_event = on_event;
	(*out)->arg = arg;
	return 0;
}

void follow_watch_free(struct follow_watch *w)
{
	if (w == NULL)
		return;
	while (w->n > 0)
		find_instance_release(w->all[--w->n]);
	free(w);
	the_watch = NULL;
}

bool follow_watch_is_current(const struct follow_watch *w)
{
	return w->is_current;
}

bool follow_watch_is_pushed(const struct follow_watch *w)
{
	return !w->is_polled;
}

struct find_instance *const *follow_watch_instances(const struct follow_watch *w, size_t *n)
{
	*n = w->n;
	return w->all;
}

/* ---- look-ups ---- */

struct find {
	struct resolve_events *events;
	struct find_instance *found; /* by the next look-up, once */
	unsigned nlookups;
};

struct find_lookup {
	struct find *find;
	struct resolve_timer timer;
	find_lookup_fn done;
	void *arg;
};

static void on_lookup_due(void *arg, uint64_t now_ms)
{
	struct find_lookup *l = arg;
	struct find_set set = {.all = &l->find->found, .n = 1};

	l->done(l->arg, 0, "", &set, now_ms);
}

int find_lookup_new(struct find_lookup **out, struct find *f, const struct find_name *name,
		    uint64_t deadline_ms, find_lookup_fn done, void *arg)
{
	struct find_lookup *l = malloc(sizeof(*l));

	(void)name;
	(void)deadline_ms;
	if (l == NULL)
		return -ENOMEM;
	*l = (struct find_lookup){
		.find = f, .timer = {.on_due = on_lookup_due, .arg = l}, .done = done, .arg = arg};
	f->nlookups++;
	resolve_timer_set(&f->events->timers, &l->timer, 0);
	*out = l;
	return 0;
}

void find_lookup_want_anew(struct find_lookup *l)
{
	(void)l;
}

void find_lookup_free(struct find_lookup *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(&l->find->events->timers, &l->timer);
	free(l);
}

/* ---- what the watch reports ---- */

static void watch_add(struct find_instance *i)
{
	the_watch->all[the_watch->n++] = i;
	the_watch->on_event(the_watch->arg, FOLLOW_WATCH_ADDED, i, NULL);
}

static size_t watch_find(const char *label)
{
	size_t k = 0;

	while (strcmp(the_watch->all[k]->label, label) != 0)
		k++;
	return k;
}

static void watch_change(const char *label, struct find_instance *now,
			 enum follow_watch_event event)
{
	size_t k = watch_find(label);
	struct find_instance *before = the_watch->all[k];

	the_watch->all[k] = now;
	the_watch->on_event(the_watch->arg, event, now, before);
	find_instance_release(before);
}

static void watch_remove(const char *label)
{
	size_t k = watch_find(label);
	struct find_instance *was = the_watch->all[k];

	the_watch->all[k] = the_watch->all[--the_watch->n];
	the_watch->on_event(the_watch->arg, FOLLOW_WATCH_REMOVED, was, NULL);
	find_instance_release(was);
}

static void watch_be(bool is_current)
{
	the_watch->is_current = is_current;
	the_watch->on_event(the_watch->arg, is_current ? FOLLOW_WATCH_CURRENT : FOLLOW_WATCH_LOST,
			    NULL, NULL);
}

/* ---- a connector ---- */

struct fixture {
	struct resolve_events events;
	struct find find;
	struct reach_memory *memory;
	struct reach_connector *connector;
	struct reach_connector_attempt *attempt;
	struct reach_options options;
	struct find_name name;
	uint64_t now_ms;
	char text[256]; /* events with where to go */
	unsigned ndone;
	enum reach_stage stage;
	int error, fd;
	char to[32];
	bool is_freed_at_event;
};

static void on_event(void *arg, enum reach_connector_event event, const struct find_instance *i)
{
	static const char *const names[] = {"", "ready", "moved", "draining", "gone", "better"};
	struct fixture *f = arg;

	if (f->is_freed_at_event) {
		reach_connector_free(f->connector);
		f->connector = NULL;
	}
	snprintf(f->text + strlen(f->text), sizeof(f->text) - strlen(f->text), "%s:%s ",
		 names[event], i != NULL ? i->label : "-");
}

static void on_done(void *arg, enum reach_stage stage, int error, int fd,
		    const struct find_instance *to, const char *why, uint64_t now_ms)
{
	struct fixture *f = arg;

	(void)now_ms;
	assert_non_null(why);
	f->ndone++;
	f->stage = stage;
	f->error = error;
	f->fd = fd;
	snprintf(f->to, sizeof(f->to), "%s", to != NULL ? to->label : "");
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.options.deadline_ms = DEADLINE_MS, .fd = -1};
	f->find.events = &f->events;
	assert_int_equal(resolve_events_init(&f->events), 0);
	f->memory = reach_memory_new();
	assert_non_null(f->memory);
	assert_int_equal(reach_connector_new(&f->connector, &f->events, &f->find, NULL, f->memory,
					     &f->name, on_event, f),
			 0);
}

static void fixture_fini(struct fixture *f)
{
	reach_connector_attempt_free(f->attempt);
	reach_connector_free(f->connector);
	reach_memory_free(f->memory);
	assert_true(resolve_events_deadline(&f->events) == UINT64_MAX);
	resolve_events_fini(&f->events);
	assert_null(the_watch);
}

static void fixture_begin(struct fixture *f)
{
	f->ndone = 0;
	assert_int_equal(
		reach_connector_connect(&f->attempt, f->connector, &f->options, on_done, NULL, f),
		0);
}

/* Connects, and closes the socket. Returns the label of the instance, or "". */
static const char *fixture_connect(struct fixture *f)
{
	fixture_begin(f);
	while (f->ndone == 0) {
		struct pollfd ready = {.fd = f->events.fd, .events = POLLIN};

		poll(&ready, 1, 10);
		resolve_events_run(&f->events, f->now_ms);
	}
	reach_connector_attempt_free(f->attempt);
	f->attempt = NULL;
	if (f->fd >= 0)
		close(f->fd);
	resolve_events_run(&f->events, f->now_ms);
	return f->to;
}

/* Returns what was reported since the last call. */
static const char *fixture_events(struct fixture *f)
{
	static char text[sizeof(f->text)];

	for (unsigned n = 0; n < TURNS; n++)
		resolve_events_run(&f->events, f->now_ms);
	strcpy(text, f->text);
	f->text[0] = '\0';
	return text;
}

/* ---- connecting ---- */

static void connecting_waits_until_instances_are_known(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_begin(&f);
	resolve_events_run(&f.events, 0);
	watch_add(kit_instance("b", 1, "127.0.0.1", p.port));
	resolve_events_run(&f.events, 0);
	assert_int_equal(f.ndone, 0);
	watch_add(kit_instance("a", 0, "127.0.0.1", p.port));
	watch_be(true);
	while (f.ndone == 0)
		resolve_events_run(&f.events, 0);
	assert_string_equal(f.to, "a");
	assert_string_equal(fixture_events(&f), "ready:a ");
	close(f.fd);
	fixture_fini(&f);
	kit_close(&p);
}

static void without_instances_the_error_is_why(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.now_ms = DEADLINE_MS;
	fixture_connect(&f);
	assert_int_equal(f.stage, REACH_FINDING);
	assert_int_equal(f.error, -ETIMEDOUT);
	watch_be(false);
	fixture_connect(&f);
	assert_int_equal(f.error, -EHOSTUNREACH);
	f.now_ms = 0;
	watch_be(true);
	fixture_connect(&f);
	assert_int_equal(f.error, -ENOENT);
	assert_int_equal(f.fd, -1);
	fixture_fini(&f);
}

static void while_no_registry_answers_what_was_known_is_used(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", p.port));
	watch_be(true);
	watch_be(false);
	assert_string_equal(fixture_connect(&f), "a");
	fixture_fini(&f);
	kit_close(&p);
}

static void an_attempt_to_where_a_service_was_goes_after_it(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", refusing.port));
	watch_be(true);
	fixture_begin(&f);
	resolve_timers_run(&f.events.timers, 0, 1); /* the attempt has its instances */
	watch_change("a", kit_instance("a", 0, "127.0.0.1", listening.port), FOLLOW_WATCH_CHANGED);
	while (f.ndone == 0)
		resolve_events_run(&f.events, 0);
	assert_int_equal(f.error, 0);
	assert_string_equal(f.to, "a");
	close(f.fd);
	fixture_fini(&f);
	kit_close(&refusing);
	kit_close(&listening);
}

/* What is silent is not waited for when the service is known to be elsewhere. */
static void an_attempt_that_is_not_answered_goes_after_the_service(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", silent.port));
	watch_be(true);
	fixture_begin(&f);
	resolve_events_run(&f.events, 0);
	watch_change("a", kit_instance("a", 0, "127.0.0.1", listening.port), FOLLOW_WATCH_MOVED);
	for (uint64_t now_ms = 0; f.ndone == 0 && now_ms < DEADLINE_MS; now_ms += 100)
		resolve_events_run(&f.events, now_ms);
	assert_int_equal(f.error, 0);
	assert_string_equal(f.to, "a");
	close(f.fd);
	fixture_fini(&f);
	kit_close(&silent);
	kit_close(&listening);
}

static void a_connector_that_polls_asks_anew_when_connecting_fails(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		the_watch->is_polled = k == 0;
		f.find.found = kit_instance("a", 0, "127.0.0.1", listening.port);
		watch_add(kit_instance("a", 0, "127.0.0.1", refusing.port));
		watch_be(true);
		assert_string_equal(fixture_connect(&f), k == 0 ? "a" : "");
		assert_int_equal(f.find.nlookups, k == 0 ? 1 : 0);
		assert_int_equal(f.error, k == 0 ? 0 : -EHOSTUNREACH);
		fixture_fini(&f);
		find_instance_release(f.find.found);
	}
	kit_close(&refusing);
	kit_close(&listening);
}

static void one_key_reaches_one_instance(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;
	char first[32];

	(void)state;
	fixture_init(&f);
	for (unsigned k = 0; k < 6; k++)
		watch_add(kit_instance((const char[]){(char)('a' + k), 0}, 0, "127.0.0.1", p.port));
	watch_be(true);
	assert_int_equal(reach_connector_set_key(f.connector, "key", 3), 0);
	strcpy(first, fixture_connect(&f));
	for (unsigned k = 0; k < 20; k++)
		assert_string_equal(fixture_connect(&f), first);
	assert_int_equal(reach_connector_set_key(f.connector, NULL, 0), 0);
	fixture_fini(&f);
	kit_close(&p);
}

static void attempts_outlive_their_connector(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_begin(&f);
	reach_connector_free(f.connector);
	f.connector = NULL;
	resolve_events_run(&f.events, 0);
	assert_int_equal(f.error, -ECANCELED);
	fixture_fini(&f);

	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", p.port));
	watch_be(true);
	fixture_begin(&f);
	resolve_timers_run(&f.events.timers, 0, 1);
	reach_connector_free(f.connector);
	f.connector = NULL;
	while (f.ndone == 0)
		resolve_events_run(&f.events, 0);
	assert_string_equal(f.to, "a");
	close(f.fd);
	fixture_fini(&f);
	kit_close(&p);
}

/* ---- events ---- */

static void what_happens_to_the_last_instance_is_reported(void **state)
{
	struct kit_port p = kit_listening(), q = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", p.port));
	watch_add(kit_instance("b", 1, "127.0.0.1", p.port));
	watch_be(true);
	assert_string_equal(fixture_events(&f), "ready:a ");
	assert_string_equal(fixture_connect(&f), "a");
	assert_string_equal(fixture_events(&f), "");

	/* Another TXT, or another instance, is nothing to act on. */
	watch_change("a", kit_instance_at("a", "a", 0, "127.0.0.1", p.port, "\003x=y"),
		     FOLLOW_WATCH_CHANGED);
	watch_change("b", kit_instance("b", 1, "127.0.0.1", q.port), FOLLOW_WATCH_MOVED);
	assert_string_equal(fixture_events(&f), "");

	/* Another port, host, incarnation or address is. */
	watch_change("a", kit_instance("a", 0, "127.0.0.1", q.port), FOLLOW_WATCH_CHANGED);
	assert_string_equal(fixture_events(&f), "moved:a ");
	assert_string_equal(fixture_connect(&f), "a");
	watch_change("a", kit_instance("a", 0, "127.0.0.2", q.port), FOLLOW_WATCH_CHANGED);
	assert_string_equal(fixture_events(&f), "moved:a ");
	watch_change("a", kit_instance_at("a", "a", 0, "127.0.0.2", q.port, "\003x=y"),
		     FOLLOW_WATCH_CHANGED);
	assert_string_equal(fixture_events(&f), "");
	watch_change("a", kit_instance_at("a", "a", 0, "127.0.0.2", q.port, "\005inc=7"),
		     FOLLOW_WATCH_MOVED);
	assert_string_equal(fixture_events(&f), "moved:a ");

	watch_change(
		"a",
		kit_instance_at("a", "a", 0, "127.0.0.2", q.port, "\005inc=7\016state=draining"),
		FOLLOW_WATCH_DRAINING);
	assert_string_equal(fixture_events(&f), "draining:b ");
	watch_change("a",
		     kit_instance_at("a", "a", 0, "127.0.0.2", q.port,
				     "\005inc=7\016state=draining\003x=y"),
		     FOLLOW_WATCH_CHANGED);
	assert_string_equal(fixture_events(&f), "");
	watch_remove("a");
	assert_string_equal(fixture_events(&f), "gone:b ");
	watch_remove("b");
	assert_string_equal(fixture_events(&f), "");
	watch_add(kit_instance("c", 0, "127.0.0.1", p.port));
	assert_string_equal(fixture_events(&f), "ready:c ");
	fixture_fini(&f);
	kit_close(&p);
	kit_close(&q);
}

static void a_change_while_it_was_connected_to_is_reported(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		watch_add(kit_instance("a", 0, "127.0.0.1", p.port));
		watch_be(true);
		fixture_begin(&f);
		resolve_timers_run(&f.events.timers, 0, 1); /* the attempt has its instances */
		if (k == 0)
			watch_change("a", kit_instance("a", 0, "127.0.0.1", 9), FOLLOW_WATCH_MOVED);
		else
			watch_remove("a");
		while (f.ndone == 0)
			resolve_events_run(&f.events, 0);
		close(f.fd);
		assert_string_equal(fixture_events(&f),
				    k == 0 ? "ready:a moved:a " : "ready:a gone:- ");
		fixture_fini(&f);
	}
	kit_close(&p);
}

static void a_better_one_is_reported_once_when_it_is_there_again(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	watch_add(kit_instance("a", 0, "127.0.0.1", refusing.port));
	watch_add(kit_instance("b", 1, "127.0.0.1", listening.port));
	watch_be(true);
	fixture_events(&f);
	assert_string_equal(fixture_connect(&f), "b");
	assert_string_equal(fixture_events(&f), "");
	/* It is tried again, fails again, and is given more time. */
	f.now_ms = REACH_MEMORY_LEAST_MS;
	assert_string_equal(fixture_events(&f), "");
	f.now_ms += REACH_MEMORY_LEAST_MS;
	assert_string_equal(fixture_events(&f), "");

	/* Started anew, it is there at once. */
	watch_change("a", kit_instance_at("a", "a", 0, "127.0.0.1", listening.port, "\005inc=2"),
		     FOLLOW_WATCH_MOVED);
	assert_string_equal(fixture_events(&f), "better:a ");
	assert_string_equal(fixture_connect(&f), "a");
	watch_add(kit_instance("c", 0, "127.0.0.1", listening.port));
	assert_string_equal(fixture_events(&f), "");
	fixture_fini(&f);
	kit_close(&refusing);
	kit_close(&listening);
}

static void a_connector_may_be_freed_within_any_event(void **state)
{
	struct kit_port p = kit_listening();

	(void)state;
	for (unsigned k = 0; k < 5; k++) {
		struct fixture f;

		fixture_init(&f);
		f.is_freed_at_event = k == 0;
		watch_add(kit_instance("a", 1, "127.0.0.1", p.port));
		watch_be(true);
		if (k > 0)
			assert_string_equal(fixture_connect(&f), "a");
		f.is_freed_at_event = true;
		if (k == 1)
			watch_remove("a");
		if (k == 2)
			watch_change("a", kit_instance("a", 1, "127.0.0.2", p.port),
				     FOLLOW_WATCH_CHANGED);
		if (k == 3)
			watch_change("a",
				     kit_instance_at("a", "a", 1, "127.0.0.1", p.port,
						     "\016state=draining"),
				     FOLLOW_WATCH_DRAINING);
		if (k == 4)
			watch_add(kit_instance("b", 0, "127.0.0.1", p.port));
		fixture_events(&f);
		assert_null(f.connector);
		fixture_fini(&f);
	}
	kit_close(&p);
}

static void short_memory_leaves_things_as_they_were(void **state)
{
	struct kit_port p = kit_listening();
	bool is_over = false;

	(void)state;
	for (int n = 0; !is_over; n++) {
		struct fixture f;

		fixture_init(&f);
		watch_add(kit_instance("a", 1, "127.0.0.1", p.port));
		watch_be(true);
		memory_fail_after(n);
		if (reach_connector_set_key(f.connector, "key", 3) == 0 &&
		    reach_connector_connect(&f.attempt, f.connector, &f.options, on_done, NULL,
					    &f) == 0) {
			while (f.ndone == 0)
				resolve_events_run(&f.events, 0);
			assert_true(f.error == 0 || f.error == -ENOMEM);
			if (f.fd >= 0)
				close(f.fd);
		}
		is_over = !memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		fixture_fini(&f);
	}
	kit_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connecting_waits_until_instances_are_known),
		cmocka_unit_test(without_instances_the_error_is_why),
		cmocka_unit_test(while_no_registry_answers_what_was_known_is_used),
		cmocka_unit_test(an_attempt_to_where_a_service_was_goes_after_it),
		cmocka_unit_test(an_attempt_that_is_not_answered_goes_after_the_service),
		cmocka_unit_test(a_connector_that_polls_asks_anew_when_connecting_fails),
		cmocka_unit_test(one_key_reaches_one_instance),
		cmocka_unit_test(attempts_outlive_their_connector),
		cmocka_unit_test(what_happens_to_the_last_instance_is_reported),
		cmocka_unit_test(a_change_while_it_was_connected_to_is_reported),
		cmocka_unit_test(a_better_one_is_reported_once_when_it_is_there_again),
		cmocka_unit_test(a_connector_may_be_freed_within_any_event),
		cmocka_unit_test(short_memory_leaves_things_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
