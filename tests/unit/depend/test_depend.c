/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>

#include "../memory.h"
#include "depend/depend.h"
#include "follow/watch.h"

/* A watch and a follower that replace follow/watch.h and follow/follow.h in this program. */

struct follow_watch {
	struct find_name name;
	follow_watch_fn on_event;
	void *arg;
	struct find_instance *all[4];
	size_t n;
	bool is_current;
};

static const uint8_t zone[] = "\3lab";
static struct follow_watch watch;
static struct follow_user *user;
static uint64_t now_ms, wake_ms;
static struct depend *depend;
static char seen[512];
static bool must_free;

int follow_watch_new(struct follow_watch **out, struct follow *f, const struct find_name *name,
		     follow_watch_fn on_event, void *arg)
{
	void *memory = malloc(1);

	(void)f;
	if (memory == NULL)
		return -ENOMEM;
	free(memory);
	watch = (struct follow_watch){.name = *name, .on_event = on_event, .arg = arg};
	*out = &watch;
	return 0;
}

void follow_watch_free(struct follow_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		find_instance_release(w->all[i]);
	w->n = 0;
}

bool follow_watch_is_current(const struct follow_watch *w)
{
	return w->is_current;
}

struct find_instance *const *follow_watch_instances(const struct follow_watch *w, size_t *n)
{
	*n = w->n;
	return w->all;
}

void follow_add(struct follow *f, struct follow_user *u)
{
	(void)f;
	user = u;
	u->is_dirty = true;
}

void follow_remove(struct follow *f, struct follow_user *u)
{
	(void)f;
	user = NULL;
	u->is_ended = true;
}

void follow_touch(struct follow *f, struct follow_user *u)
{
	(void)f;
	u->is_dirty = true;
}

void follow_wake(struct follow *f, struct follow_user *u, uint64_t at_ms)
{
	(void)f;
	(void)u;
	wake_ms = at_ms;
}

/* ---- a depend, and what it has reported ---- */

static void on_change(void *arg, const char *host_port, const uint8_t *instance)
{
	size_t n = strlen(seen);
	char text[DNS_NAME_TEXT_MAX] = "";

	assert_ptr_equal(arg, seen);
	assert_int_equal(instance == NULL, host_port == NULL);
	if (instance != NULL)
		dns_name_to_text(text, instance);
	snprintf(seen + n, sizeof(seen) - n, "%s=%.*s ", host_port != NULL ? host_port : "none",
		 (int)strcspn(text, "."), text);
	if (must_free)
		depend_free(depend);
}

static void turn(void)
{
	struct follow_user *u = user;

	if (u == NULL || (!u->is_dirty && now_ms < wake_ms))
		return;
	u->is_dirty = false;
	u->settle(u->arg, now_ms);
	if (u->is_ended)
		u->end(u->arg);
}

static void end(void)
{
	struct follow_user *u = user;

	depend_free(depend);
	u->end(u->arg);
}

static void expect(const char *changes)
{
	turn();
	assert_string_equal(seen, changes);
	seen[0] = '\0';
}

static void instance_set(size_t at, struct find_instance *i)
{
	if (at < watch.n)
		find_instance_release(watch.all[at]);
	watch.all[at] = i;
	if (at == watch.n)
		watch.n++;
	watch.on_event(watch.arg, FOLLOW_WATCH_CHANGED, i, NULL);
}

static void current(void)
{
	watch.is_current = true;
	watch.on_event(watch.arg, FOLLOW_WATCH_CURRENT, NULL, NULL);
}

static int begin(void)
{
	seen[0] = '\0';
	must_free = false;
	wake_ms = UINT64_MAX;
	now_ms = 1000;
	return depend_new(&depend, NULL, zone, "db", "_pg._tcp", on_change, seen);
}

static struct find_instance *db(const char *name, uint16_t port, const char *txt)
{
	return kit_instance(name, "192.0.2.1", port, 0, txt);
}

static void that_there_is_none_is_reported_once_all_is_known(void **state)
{
	static const uint8_t type[] = "\3_pg\4_tcp\3lab";

	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(watch.name.kind, FIND_TYPE);
	assert_true(dns_name_equal(watch.name.name, type));
	expect("");
	assert_false(depend_is_known(depend));
	current();
	expect("none= ");
	assert_true(depend_is_known(depend));
	current();
	expect("");
	instance_set(0, db("other-1._pg._tcp.lab", 9, ""));
	assert_false(user->is_dirty); /* it is of no matter */
	instance_set(1, db("db-1._pg._tcp.lab", 1, ""));
	expect("192.0.2.1:1=db-1 ");
	assert_non_null(depend_chosen(depend));
	end();
}

static void the_first_choice_waits_a_while_for_better_ones(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	instance_set(0, kit_instance("db-1._pg._tcp.lab", "192.0.2.1", 1, 9, ""));
	expect("");
	instance_set(1, kit_instance("db-2._pg._tcp.lab", "192.0.2.1", 2, 1, ""));
	expect("");
	current();
	expect("192.0.2.1:2=db-2 ");
	end();
	/* One that is never known does not hold it up. */
	assert_int_equal(begin(), 0);
	instance_set(0, db("db-1._pg._tcp.lab", 1, "state=starting"));
	expect("");
	assert_int_not_equal(wake_ms, UINT64_MAX);
	now_ms = wake_ms;
	expect(""); /* not up */
	instance_set(0, db("db-1._pg._tcp.lab", 1, ""));
	expect("192.0.2.1:1=db-1 ");
	end();
}

static void what_does_not_differ_is_not_reported(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	instance_set(0, db("db-1._pg._tcp.lab", 1, "inc=1"));
	current();
	expect("192.0.2.1:1=db-1 ");
	instance_set(0, db("db-1._pg._tcp.lab", 1, "inc=1 a=b"));
	watch.on_event(watch.arg, FOLLOW_WATCH_LOST, NULL, NULL);
	expect("");
	instance_set(0, db("db-1._pg._tcp.lab", 1, "inc=2"));
	expect("192.0.2.1:1=db-1 ");
	end();
}

static void it_may_be_freed_from_within_its_call(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	must_free = true;
	current();
	expect("none= ");
	assert_null(user);
	depend_free(NULL);
}

static void names_that_no_service_has_are_refused(void **state)
{
	static const char *const names[][2] = {
		{"", "_pg._tcp"},
		{"db", ""},
		{"db", "pg..tcp"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "_pg._tcp"},
	};
	struct depend *d;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(
			depend_new(&d, NULL, zone, names[i][0], names[i][1], on_change, NULL),
			-EINVAL);
}

static void short_memory_only_delays(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		memory_fail_after(n);
		if (begin() == 0)
			break;
	}
	memory_fail_after(MEMORY_ENOUGH);
	instance_set(0, db("db-1._pg._tcp.lab", 1, ""));
	current();
	memory_fail_after(0);
	expect("");
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_not_equal(wake_ms, UINT64_MAX);
	now_ms = wake_ms;
	expect("192.0.2.1:1=db-1 ");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_there_is_none_is_reported_once_all_is_known),
		cmocka_unit_test(the_first_choice_waits_a_while_for_better_ones),
		cmocka_unit_test(what_does_not_differ_is_not_reported),
		cmocka_unit_test(it_may_be_freed_from_within_its_call),
		cmocka_unit_test(names_that_no_service_has_are_refused),
		cmocka_unit_test(short_memory_only_delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
