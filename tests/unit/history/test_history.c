/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A history over a registry of a few lines, which does what RFC 2136 wants of these updates, and
 * loses what a test wants it to lose. */

#include "history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../folder.h"
#include "../memory.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/txt.h"
#include "history/kept.h"
#include "registrant/clocks.h"
#include "registrant/registrant.h"
#include "resolve/events.h"

enum { RECORDS = 2000, LIMIT_MS = 200000 };

static const uint8_t zone[] = "\3lab\5cloud";

/* The zone, and what the registry does. */
static struct record {
	char name[DNS_NAME_TEXT_MAX];
	uint8_t rdata[600];
	size_t nbytes;
} records[RECORDS];
static unsigned nrecords, quota, nupdates, nmost_records;
static bool is_away, loses_answers;
static uint16_t refusal;

/* The update that waits for its answer. */
struct registrant_update {
	uint8_t *msg;
	size_t nbytes;
	uint64_t deadline_ms;
	registrant_update_fn done;
	void *arg;
};
static struct registrant_update *sent;

static char folder[FOLDER_PATH_MAX];
static struct resolve_events events;
static struct history *history;
static uint64_t now_ms;
static unsigned nreports, nflushed;
static bool was_all;
static char reported[BASE_ERROR_TEXT_MAX];

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return 1700000000000 + now_ms;
}

static uint64_t slept_ms(void *arg)
{
	(void)arg;
	return 0;
}

static const struct registrant_clocks clocks = {wall_ms, slept_ms, NULL};

/* ---- the registry ---- */

int registrant_update_new(struct registrant_update **out, struct registrant *r, uint8_t *take_msg,
			  size_t nbytes, uint64_t deadline_ms, registrant_update_fn done, void *arg)
{
	struct registrant_update *u = malloc(sizeof(*u));

	(void)r;
	assert_null(sent);
	if (u == NULL) {
		free(take_msg);
		return -ENOMEM;
	}
	*u = (struct registrant_update){take_msg, nbytes, deadline_ms, done, arg};
	*out = sent = u;
	return 0;
}

void registrant_update_free(struct registrant_update *u)
{
	if (u == NULL)
		return;
	if (u == sent)
		sent = NULL;
	free(u->msg);
	free(u);
}

static struct record *find(const uint8_t *owner)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, owner);
	for (unsigned i = 0; i < nrecords; i++)
		if (strcmp(records[i].name, name) == 0)
			return &records[i];
	return NULL;
}

static uint16_t prerequisites_check(const struct dns_update *u)
{
	for (unsigned i = 0; i < u->nprerequisites; i++) {
		const struct dns_update_record *r = &u->prerequisite[i];
		const struct record *there = find(r->owner);

		if (r->rrclass == DNS_CLASS_NONE && there != NULL)
			return DNS_RCODE_YXDOMAIN;
		if (r->rrclass == DNS_CLASS_IN && (there == NULL || there->nbytes != r->nbytes ||
						   memcmp(there->rdata, r->rdata, r->nbytes) != 0))
			return DNS_RCODE_NXRRSET;
	}
	return DNS_RCODE_NOERROR;
}

static void put(const uint8_t *owner, const uint8_t *rdata, size_t nbytes)
{
	struct record *r = &records[nrecords++];

	assert_true(nrecords < RECORDS && nbytes < sizeof(r->rdata));
	dns_name_to_text(r->name, owner);
	memcpy(r->rdata, rdata, nbytes);
	r->nbytes = nbytes;
}

static uint16_t apply(const struct dns_update *u)
{
	unsigned nadded = 0, nremoved = 0;

	for (unsigned i = 0; i < u->nupdates; i++)
		if (dns_update_is_added(&u->update[i]))
			nadded++;
		else
			nremoved += find(u->update[i].owner) != NULL;
	if (quota > 0 && nadded > nremoved && nrecords + nadded - nremoved > quota)
		return DNS_RCODE_REFUSED;
	for (unsigned i = 0; i < u->nupdates; i++) {
		const struct dns_update_record *r = &u->update[i];
		struct record *there = find(r->owner);

		if (dns_update_is_added(r))
			put(r->owner, r->rdata, r->nbytes);
		else if (there != NULL)
			*there = records[--nrecords];
	}
	nmost_records = nrecords > nmost_records ? nrecords : nmost_records;
	return DNS_RCODE_NOERROR;
}

static void answer(void)
{
	int enough = memory_pause();
	struct dns_update u;
	uint16_t rcode = refusal;

	assert_int_equal(dns_update_init(&u), 0);
	assert_int_equal(dns_update_parse(&u, sent->msg, sent->nbytes), 0);
	nupdates++;
	if (rcode == 0)
		rcode = prerequisites_check(&u);
	if (rcode == 0)
		rcode = apply(&u);
	dns_update_fini(&u);
	memory_fail_after(enough);
	if (loses_answers) {
		loses_answers = false;
		sent->done(sent->arg, -ETIMEDOUT, 0, "no answer", now_ms);
	} else {
		sent->done(sent->arg, 0, rcode, "as it is", now_ms);
	}
}

/* ---- the history ---- */

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	nreports++;
	snprintf(reported, sizeof(reported), "%s", error->text);
}

static void on_flushed(void *arg, bool is_all, uint64_t at_ms)
{
	(void)arg;
	(void)at_ms;
	nflushed++;
	was_all = is_all;
}

static void begin(const char *node, uint32_t keep)
{
	const struct history_settings settings = {.zone = zone,
						  .node = node,
						  .folder = folder,
						  .keep = keep,
						  .clocks = &clocks,
						  .report = on_report};
	struct base_error error;

	assert_int_equal(history_new(&history, &events, NULL, &settings, &error), 0);
}

/* Has time pass until `is_over`, or for `most_ms`. */
static void run(uint64_t most_ms)
{
	uint64_t end_ms = now_ms + most_ms;

	for (;;) {
		uint64_t due_ms = resolve_events_deadline(&events);

		if (sent != NULL && !is_away) {
			answer();
			continue;
		}
		if (sent != NULL && sent->deadline_ms < due_ms)
			due_ms = sent->deadline_ms;
		if (due_ms > end_ms)
			break;
		now_ms = due_ms > now_ms ? due_ms : now_ms;
		if (sent != NULL && now_ms >= sent->deadline_ms)
			sent->done(sent->arg, -EHOSTUNREACH, 0, "away", now_ms);
		resolve_events_run(&events, now_ms);
	}
	now_ms = end_ms;
}

static void add(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char why[32];

		snprintf(why, sizeof(why), "%u", i);
		history_add(history, "up", "web-1._http._tcp", why);
	}
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "history");
	assert_int_equal(resolve_events_init(&events), 0);
	nrecords = quota = nupdates = nmost_records = nreports = nflushed = 0;
	is_away = loses_answers = false;
	refusal = 0;
	now_ms = 5000;
	begin("n1", 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	memory_fail_after(MEMORY_ENOUGH);
	history_free(history);
	resolve_events_fini(&events);
	folder_remove(folder);
	return 0;
}

static void restart(const char *node, uint32_t keep)
{
	history_free(history);
	begin(node, keep);
}

/* Returns the value of a key in a record. */
static const char *value(const struct record *r, const char *key)
{
	static char text[256];
	size_t n = 0;
	const uint8_t *found = dnssd_txt_find(r->rdata, r->nbytes, key, &n);

	snprintf(text, sizeof(text), "%.*s", (int)n, found == NULL ? "" : (const char *)found);
	return text;
}

/* Returns whether the events from `first` to `last` of an era are there. */
static bool has(uint64_t era, unsigned first, unsigned last)
{
	for (unsigned n = first; n <= last; n++) {
		char name[128];
		uint8_t owner[DNS_NAME_MAX];
		const struct record *r;

		snprintf(name, sizeof(name), "%llu-%u._events._cluster.lab.cloud",
			 (unsigned long long)era, n);
		assert_true(dns_name_from_text(owner, name, strlen(name), NULL) > 0);
		r = find(owner);
		if (r == NULL || (unsigned)atoi(value(r, "n")) != n ||
		    strtoull(value(r, "era"), NULL, 10) != era)
			return false;
	}
	return true;
}

static const uint64_t era = 1700000005000;

/* ---- tests ---- */

static void an_event_is_in_the_zone_at_once(void **state)
{
	(void)state;
	assert_int_equal(history_add(history, "up", "web-1._http._tcp", NULL), 0);
	run(2);
	assert_true(has(era, 1, 1));
	assert_string_equal(value(&records[0], "t"), "1700000005.000");
	assert_string_equal(value(&records[0], "node"), "n1");
	assert_string_equal(value(&records[0], "what"), "up");
	assert_string_equal(value(&records[0], "of"), "web-1._http._tcp");
	assert_int_equal(history_nwaiting(history), 0);
	assert_int_equal(history_add(history, "", NULL, NULL), -EINVAL);
}

static void several_at_once_are_one_update(void **state)
{
	(void)state;
	add(50);
	run(2);
	assert_true(has(era, 1, 50));
	assert_int_equal(nupdates, 1);
	add(300);
	run(2);
	assert_true(has(era, 51, 350));
	assert_int_equal(nupdates, 4);
}

static void events_wait_in_order_while_the_registry_is_away(void **state)
{
	(void)state;
	is_away = true;
	add(20);
	run(60000);
	restart("n1", 0);
	assert_int_equal(history_nwaiting(history), 20);
	run(60000);
	add(1);
	is_away = false;
	history_hurry(history);
	run(200);
	assert_true(has(era, 1, 21));
	restart("n1", 0);
	add(1);
	run(2);
	assert_true(has(era, 22, 22));
	assert_int_equal(nreports, 0);
}

static void without_a_hurry_it_is_tried_each_second(void **state)
{
	(void)state;
	is_away = true;
	add(1);
	run(LIMIT_MS);
	is_away = false;
	run(1000);
	assert_true(has(era, 1, 1));
}

static void a_lost_answer_does_not_write_twice(void **state)
{
	(void)state;
	loses_answers = true;
	add(5);
	run(20);
	assert_int_equal(nrecords, 5);
	add(4);
	run(2000);
	assert_true(has(era, 1, 9));
	assert_int_equal(nrecords, 9);
	assert_int_equal(history_nwaiting(history), 0);
	assert_int_equal(nreports, 0);
}

static void what_the_file_has_lost_begins_an_era(void **state)
{
	char path[FOLDER_PATH_MAX + 16];

	(void)state;
	add(5);
	run(20);
	snprintf(path, sizeof(path), "%s/history", folder);
	assert_int_equal(truncate(path, 40), 0);
	restart("n1", 0);
	add(3);
	run(20);
	assert_int_equal(nrecords, 8);
	assert_true(nreports > 0);
	assert_true(has(era, 1, 5));
	/* All of them are kept count of. */
	restart("n1", 2);
	run(200);
	assert_true(nrecords == 7 || nrecords == 2);
}

static void another_node_of_the_same_era_is_left_alone(void **state)
{
	char path[FOLDER_PATH_MAX + 16];

	(void)state;
	now_ms = 5000;
	add(2);
	run(2);
	snprintf(path, sizeof(path), "%s/history", folder);
	history_free(history);
	unlink(path);
	now_ms = 5000;
	begin("n2", 0);
	add(3);
	run(50);
	assert_int_equal(nrecords, 5);
	assert_true(has(era, 1, 2));
	assert_true(has(era + 2, 1, 3) || has(era + 1, 1, 3) || has(era + 3, 1, 3));
	assert_int_equal(nreports, 1);
}

static void the_oldest_are_removed_in_the_same_update(void **state)
{
	(void)state;
	history_set_keep(history, 100);
	for (unsigned i = 0; i < 300; i++) {
		add(1);
		run(2);
	}
	assert_int_equal(nupdates, 300);
	assert_int_equal(nrecords, 100);
	assert_int_equal(nmost_records, 100);
	assert_true(has(era, 201, 300));
	restart("n1", 10);
	run(10);
	assert_int_equal(nrecords, 10);
	assert_true(has(era, 291, 300));
	add(50);
	run(20);
	assert_true(has(era, 341, 350));
	assert_int_equal(nrecords, 10);
}

static void at_its_quota_old_events_make_way(void **state)
{
	(void)state;
	quota = 20;
	for (unsigned i = 0; i < 100; i++) {
		add(1);
		run(300);
	}
	assert_true(has(era, 90, 100));
	assert_int_equal(history_nwaiting(history), 0);
	assert_int_equal(nreports, 0);
	assert_true(nupdates < 110);
}

static void a_refusal_is_reported_once_and_tried_again(void **state)
{
	(void)state;
	refusal = DNS_RCODE_REFUSED;
	add(3);
	run(LIMIT_MS);
	assert_int_equal(nreports, 1);
	assert_string_equal(reported, "the registry takes no events: as it is");
	assert_true(nupdates < 20);
	refusal = 0;
	history_hurry(history);
	run(10);
	assert_true(has(era, 1, 3));
}

static void too_many_are_dropped_and_counted(void **state)
{
	(void)state;
	is_away = true;
	add(HISTORY_WAITING_MOST + 7);
	assert_int_equal(history_ndropped(history), 7);
	assert_int_equal(history_add(history, "up", "", ""), -ENOSPC);
	history_set_keep(history, 100);
	is_away = false;
	run(10000);
	assert_int_equal(history_nwaiting(history), 0);
	assert_int_equal(nrecords, 100);
	for (unsigned i = 0; i < nrecords; i++)
		if (strcmp(value(&records[i], "what"), "dropped") == 0)
			assert_string_equal(value(&records[i], "why"), "8 events: too many waited");
	assert_int_equal(history_ndropped(history), 8);
}

static void flushing_ends_when_nothing_waits_or_in_time(void **state)
{
	(void)state;
	history_flush(history, now_ms + 1000, on_flushed, NULL);
	run(0);
	assert_true(nflushed == 1 && was_all);
	add(3);
	history_flush(history, now_ms + 1000, on_flushed, NULL);
	run(10);
	assert_true(nflushed == 2 && was_all);
	is_away = true;
	add(3);
	history_flush(history, now_ms + 1000, on_flushed, NULL);
	run(999);
	assert_int_equal(nflushed, 2);
	run(1);
	assert_true(nflushed == 3 && !was_all);
}

static void short_memory_loses_nothing_but_the_event(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		unsigned before = nrecords;
		int ret;

		memory_fail_after(n);
		ret = history_add(history, "up", "", "");
		run(20000);
		memory_fail_after(MEMORY_ENOUGH);
		run(20000);
		assert_int_equal(history_nwaiting(history), 0);
		assert_true(nrecords > before);
		if (!memory_has_failed())
			break;
		assert_true(ret == 0 || ret == -ENOMEM);
	}
}

static void a_zone_or_node_with_too_long_a_name_is_refused(void **state)
{
	uint8_t name[DNS_NAME_MAX];
	struct history_settings settings = {.zone = name, .node = "n1", .folder = folder};
	struct base_error error;
	struct history *h;

	(void)state;
	memset(name, 0, sizeof(name));
	for (unsigned at = 0; at < 240; at += 60) {
		name[at] = 59;
		memset(name + at + 1, 97, 59);
	}
	assert_int_equal(history_new(&h, &events, NULL, &settings, &error), -EINVAL);
	settings.zone = zone;
	settings.folder = "/nowhere";
	assert_int_equal(history_new(&h, &events, NULL, &settings, &error), -ENOENT);
	settings.folder = folder;
	settings.node = "";
	assert_int_equal(history_new(&h, &events, NULL, &settings, &error), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_in_the_zone_at_once),
		TEST(several_at_once_are_one_update),
		TEST(events_wait_in_order_while_the_registry_is_away),
		TEST(without_a_hurry_it_is_tried_each_second),
		TEST(a_lost_answer_does_not_write_twice),
		TEST(what_the_file_has_lost_begins_an_era),
		TEST(another_node_of_the_same_era_is_left_alone),
		TEST(the_oldest_are_removed_in_the_same_update),
		TEST(at_its_quota_old_events_make_way),
		TEST(a_refusal_is_reported_once_and_tried_again),
		TEST(too_many_are_dropped_and_counted),
		TEST(flushing_ends_when_nothing_waits_or_in_time),
		TEST(short_memory_loses_nothing_but_the_event),
		TEST(a_zone_or_node_with_too_long_a_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
