/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/buf.h"
#include "base/error.h"
#include "disk.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "journal/journal.h"
#include "journal/segment.h"
#include "kit.h"
#include "offline/check.h"
#include "offline/export.h"
#include "store/store.h"

enum { SEGMENT = 64 * 1024, TEXT_MAX = 1 << 16 };

static const uint8_t zone[] = "\1z", other[] = "\1o\1x";
static char folder[FOLDER_PATH_MAX];
static uint64_t history_size, history_age_s;

/* What a recovery or a reading of history recovered, as text. */
static char recovered[TEXT_MAX];
static size_t nrecovered;

static void append(const char *format, unsigned long a, unsigned long b)
{
	nrecovered += (size_t)snprintf(recovered + nrecovered, sizeof(recovered) - nrecovered,
				       format, a, b);
	assert_true(nrecovered < sizeof(recovered));
}

static int on_checkpoint(void *arg, const uint8_t *name, uint32_t serial, uint64_t nrecords,
			 uint64_t nowners)
{
	(void)arg;
	(void)nowners;
	assert_true(dns_name_equal(name, zone) || dns_name_equal(name, other));
	append(dns_name_equal(name, zone) ? "z@%lu(%lu) " : "o@%lu(%lu) ", serial, nrecords);
	return 0;
}

static int on_change(void *arg, const struct store_change *change)
{
	(void)arg;
	append(dns_name_equal(change->zone, zone) ? "z%lu-%lu " : "o%lu-%lu ", change->changes.from,
	       change->changes.to);
	return 0;
}

static int on_item(void *arg, const struct store_item *item)
{
	(void)arg;
	append("n%lu:%lu ", base_load16(item->key), item->nbytes);
	return 0;
}

static int try_open(struct store **s, struct base_error *error)
{
	const struct store_settings settings = {.directory = folder,
						.segment_size = SEGMENT,
						.history_size = history_size,
						.history_age_s = history_age_s};
	const struct store_recovery recovery = {
		on_checkpoint, kit_ignore_record, kit_ignore_checkpoint_end,
		on_change,     on_item,		  NULL};
	int ret = store_open(s, &journal_engine, &settings, error);

	nrecovered = 0;
	recovered[0] = '\0';
	if (ret != 0)
		return ret;
	ret = store_recover(*s, &recovery, error);
	if (ret != 0)
		store_close(*s);
	return ret;
}

static struct store *open_again(const char *wanted)
{
	struct base_error error = {0};
	struct store *s = NULL;

	assert_int_equal(try_open(&s, &error), 0);
	assert_string_equal(error.text, "");
	if (wanted != NULL)
		assert_string_equal(recovered, wanted);
	return s;
}

/* Checks that the history has all changes from `serial` on. */
static bool has_history(struct store *s, const uint8_t *name, uint32_t serial)
{
	int ret = store_history_read(s, name, serial, kit_ignore_change, NULL);

	assert_true(ret == 0 || ret == -ENOENT);
	return ret == 0;
}

/* Checks that opening fails with this code, and with a sentence that contains `text`. */
static void open_fails(int code, const char *text)
{
	struct base_error error = {0};
	struct store *s;

	assert_int_equal(try_open(&s, &error), code);
	assert_int_equal(error.code, code);
	assert_non_null(strstr(error.text, text));
}

static int commit_sized(struct store *s, const uint8_t *name, uint32_t from, uint32_t to,
			uint16_t item, size_t nbytes)
{
	static uint8_t bytes[300000], key[2];
	struct store_change change = {
		.zone = name,
		.changes = {.from = from, .to = to, .added = bytes, .nadded_bytes = nbytes}};
	struct store_item n = {
		.kind = STORE_ITEM_OWNER, .key = key, .nkey = 2, .bytes = bytes, .nbytes = 3};
	struct store_batch batch = {
		.changes = &change, .nchanges = 1, .items = &n, .nitems = item > 0, .time_s = to};

	base_store16(key, item);
	return store_commit(s, &batch);
}

static void commit(struct store *s, const uint8_t *name, uint32_t from, uint32_t to, uint16_t item)
{
	assert_int_equal(commit_sized(s, name, from, to, item, 100), 0);
}

/* Commits steps one after the other, from serial to serial. */
static void commit_steps(struct store *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		commit(s, zone, i, i + 1, 0);
}

/* Makes a store with the commits from serial 1 to `serial`, and closes it. */
static void store_up_to(uint32_t serial)
{
	struct store *s = open_again("");

	commit_steps(s, 1, serial);
	store_close(s);
}

static void checkpoint(struct store *s, const uint8_t *name, uint32_t serial)
{
	const struct dns_record r = {.owner = name,
				     .type = DNS_TYPE_A,
				     .ttl = 1,
				     .rdata = (const uint8_t *)"abcd",
				     .nbytes = 4};
	struct store_checkpoint *c;

	assert_int_equal(store_checkpoint_begin(s, &c, name, serial), 0);
	assert_int_equal(store_checkpoint_record(c, &r), 0);
	assert_int_equal(store_checkpoint_end(c), 0);
}

static size_t segments(uint64_t *first)
{
	uint64_t *numbers;
	size_t count;

	assert_int_equal(journal_segment_list(folder, &numbers, &count), 0);
	if (first != NULL)
		*first = numbers[0];
	free(numbers);
	return count;
}

/* Writes bytes over a file of the folder. */
static void spoil(const char *file, off_t at, const char *bytes)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), strlen(bytes));
	close(fd);
}

static void drop(const char *file)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	assert_int_equal(unlink(path), 0);
}

static void commits_come_back_in_order(void **state)
{
	struct store *s = open_again("");

	(void)state;
	commit(s, zone, 1, 2, 1);
	commit(s, other, 7, 8, 2);
	commit(s, zone, 2, 3, 1);
	store_close(s);
	s = open_again("z1-2 n1:3 o7-8 n2:3 z2-3 n1:3 ");
	checkpoint(s, zone, 2);
	store_close(s);
	s = open_again("z@2(1) n1:3 o7-8 n2:3 z2-3 n1:3 ");
	checkpoint(s, zone, 3);
	commit(s, zone, 3, 4, 0);
	checkpoint(s, other, 8);
	store_close(s);
	s = open_again(NULL);
	assert_non_null(strstr(recovered, "z@3(1) "));
	assert_non_null(strstr(recovered, "o@8(1) "));
	assert_non_null(strstr(recovered, "n2:3 n1:3 z3-4 "));
	store_close(s);
}

static void a_start_goes_on_in_the_last_segment(void **state)
{
	struct store *s;
	uint64_t first;

	(void)state;
	s = open_again("");
	commit(s, zone, 1, 2, 1);
	store_close(s);
	for (unsigned i = 2; i < 8; i++) {
		s = open_again(NULL);
		commit(s, zone, i, i + 1, 1);
		store_close(s);
	}
	s = open_again("z1-2 n1:3 z2-3 n1:3 z3-4 n1:3 z4-5 n1:3 z5-6 n1:3 z6-7 n1:3 z7-8 n1:3 ");
	store_close(s);
	/* The one that is written, and perhaps the next one, made ahead. */
	assert_true(segments(&first) <= 2);
	assert_int_equal(first, 1);
}

static void files_are_nobody_elses_business(void **state)
{
	struct store *s = open_again("");
	char path[200];
	struct stat st;

	(void)state;
	checkpoint(s, zone, 1);
	store_close(s);
	for (size_t i = 0; i < 4; i++) {
		snprintf(
			path, sizeof(path), "%s/%s", folder,
			(const char *const[]){"format", "lock", "log-00000001", "z.checkpoint"}[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_store_in_use_is_refused(void **state)
{
	struct store *s = open_again("");

	(void)state;
	open_fails(-EBUSY, "in use by another weftd");
	store_close(s);
	store_close(open_again(""));
}

static void a_newer_format_is_refused(void **state)
{
	(void)state;
	store_close(open_again(""));
	spoil("format", 0, "weft store 2\n");
	open_fails(-EPROTO, "format 2");
	spoil("format", 0, "what store 1\n");
	open_fails(-EBADMSG, "damaged");
}

static void a_torn_end_is_cut(void **state)
{
	struct store *s;

	(void)state;
	store_up_to(5);
	spoil("log-00000001", 3 * 4096 + 100, "torn");
	s = open_again("z1-2 z2-3 z3-4 ");
	commit(s, zone, 4, 5, 0);
	store_close(s);
	store_close(open_again("z1-2 z2-3 z3-4 z4-5 "));
}

static void a_hole_in_the_middle_is_refused(void **state)
{
	(void)state;
	store_up_to(5);
	spoil("log-00000001", 4096 + 100, "hole");
	open_fails(-EBADMSG, "weft store export");
	spoil("log-00000001", 100, "hole");
	open_fails(-EBADMSG, "commits from 1 on are needed");
}

static void a_missing_segment_is_refused(void **state)
{
	(void)state;
	store_up_to(60);
	drop("log-00000002");
	open_fails(-EBADMSG, "missing or damaged");
	drop("log-00000001");
	open_fails(-EBADMSG, "commits from 1 on are needed");
}

static void a_missing_end_is_refused(void **state)
{
	struct store *s = open_again("");

	(void)state;
	commit_steps(s, 1, 60);
	checkpoint(s, zone, 60);
	store_close(s);
	assert_true(segments(NULL) >= 4);
	drop("log-00000004");
	open_fails(-EBADMSG, "the end of the log is lost");
}

static void damaged_files_are_refused(void **state)
{
	struct store *s = open_again("");

	(void)state;
	commit(s, zone, 1, 2, 0);
	checkpoint(s, zone, 2);
	store_close(s);
	spoil("z.checkpoint", 4096 + 20, "x");
	open_fails(-EBADMSG, "z.checkpoint is damaged");
	spoil("z.checkpoint", 20, "x");
	open_fails(-EBADMSG, "z.checkpoint is damaged");
	drop("format");
	open_fails(-EBADMSG, "format is missing");
}

static void a_record_may_be_larger_than_a_segment(void **state)
{
	struct store *s = open_again("");

	(void)state;
	commit(s, zone, 1, 2, 0);
	assert_int_equal(commit_sized(s, zone, 2, 3, 0, 200000), 0);
	commit(s, zone, 3, 4, 0);
	store_close(s);
	store_close(open_again("z1-2 z2-3 z3-4 "));
	store_close(open_again("z1-2 z2-3 z3-4 "));
}

static int count_change(void *arg, const struct store_change *change)
{
	uint32_t *serial = arg;

	assert_int_equal(change->changes.from, *serial);
	*serial = change->changes.to;
	return 0;
}

static void history_leads_from_any_kept_serial_to_the_newest(void **state)
{
	struct store *s = open_again("");

	(void)state;
	assert_false(has_history(s, zone, 1));
	commit(s, zone, 5, 5, 0); /* a first version */
	for (uint32_t i = 5; i < 20; i++) {
		commit(s, zone, i, i + 1, 0);
		commit(s, other, i * 2, i * 2 + 2, 0);
	}
	for (int i = 0; i < 2; i++) {
		uint32_t serial = 11;

		assert_true(has_history(s, zone, 20));
		assert_true(has_history(s, zone, 5));
		assert_false(has_history(s, zone, 4));
		assert_false(has_history(s, zone, 21));
		assert_int_equal(store_history_read(s, zone, serial, count_change, &serial), 0);
		assert_int_equal(serial, 20);
		assert_int_equal(store_history_read(s, zone, 20, count_change, &serial), 0);
		assert_int_equal(store_history_read(s, zone, 3, count_change, &serial), -ENOENT);
		serial = 10;
		assert_int_equal(store_history_read(s, other, serial, count_change, &serial), 0);
		assert_int_equal(serial, 40);
		store_close(s);
		s = open_again(NULL);
	}
	commit(s, zone, 30, 31, 0); /* a gap */
	assert_false(has_history(s, zone, 20));
	assert_true(has_history(s, zone, 30));
	store_close(s);
}

static void log_is_given_back_when_checkpoints_have_it(void **state)
{
	struct store_stats stats, counters;
	struct store *s = open_again("");
	uint64_t first;

	(void)state;
	history_size = 2 * SEGMENT;
	store_close(s);
	s = open_again("");
	for (uint32_t i = 1; i < 200; i++)
		commit(s, zone, i, i + 1, (uint16_t)(i % 5 + 1));
	assert_true(store_log_nbytes(s) >= 199 * 4096);
	assert_true(segments(NULL) >= 13);
	checkpoint(s, zone, 200);
	assert_int_equal(store_log_nbytes(s), 0);
	store_stats_get(s, &stats);
	assert_true(stats.history_bytes <= history_size);
	assert_true(stats.segments <= 4);
	assert_true(stats.segment_bytes >= stats.history_bytes);
	store_counters_get(s, &counters);
	assert_int_equal(counters.commits, stats.commits);
	assert_int_equal(counters.segments, stats.segments);
	assert_int_equal(counters.segment_bytes, stats.segment_bytes);
	assert_false(has_history(s, zone, 1));
	assert_true(has_history(s, zone, 190));
	/* Segments that are no longer needed are used again, so their number does not grow. */
	for (uint32_t i = 200; i < 400; i++) {
		commit(s, zone, i, i + 1, 0);
		if (i % 20 == 0)
			checkpoint(s, zone, i + 1);
	}
	assert_true(segments(&first) <= 9);
	assert_true(first > 10);
	store_close(s);
	s = open_again(NULL);
	/* All five items are in the new segment. */
	assert_non_null(strstr(recovered, "z@"));
	for (unsigned i = 1; i <= 5; i++) {
		char item[10];

		snprintf(item, sizeof(item), "n%u:3 ", i);
		assert_non_null(strstr(recovered, item));
	}
	store_close(s);
}

static void history_ends_at_its_age(void **state)
{
	struct store *s;

	(void)state;
	history_age_s = 30;
	s = open_again("");
	commit_steps(s, 1, 100); /* one commit a second */
	checkpoint(s, zone, 100);
	assert_true(has_history(s, zone, 75));
	assert_false(has_history(s, zone, 40));
	store_close(s);
}

static void a_zone_without_checkpoint_keeps_its_log(void **state)
{
	struct store *s;

	(void)state;
	history_size = SEGMENT;
	s = open_again("");
	commit(s, other, 1, 2, 0);
	for (uint32_t i = 1; i < 100; i++) {
		commit(s, zone, i, i + 1, 0);
		if (i % 10 == 0)
			checkpoint(s, zone, i + 1);
	}
	store_close(s);
	s = open_again(NULL);
	assert_non_null(strstr(recovered, "o1-2 "));
	store_close(s);
}

static void a_forgotten_zone_does_not_come_back(void **state)
{
	struct store *s = open_again("");
	uint8_t key[2];
	const struct store_item gone = {.kind = STORE_ITEM_OWNER, .key = key, .nkey = 2};
	const struct store_batch with = {.items = &gone, .nitems = 1, .time_s = 3};

	(void)state;
	base_store16(key, 7);
	commit(s, zone, 1, 2, 0);
	commit(s, other, 1, 2, 0);
	checkpoint(s, zone, 2);
	commit(s, zone, 2, 3, 7);
	/* The zone's items go with it. */
	assert_int_equal(store_zone_remove(s, zone, &with), 0);
	assert_false(has_history(s, zone, 2));
	store_close(s);
	s = open_again("o1-2 n7:3 n7:0 ");
	commit(s, zone, 50, 51, 0); /* the zone may be made again */
	store_close(s);
	store_close(open_again("o1-2 n7:3 n7:0 z50-51 "));
}

static void a_baseline_is_replaced_as_a_whole(void **state)
{
	static const char identity[] = "file 1";
	struct store *s = open_again("");
	const struct dns_record r = {
		.owner = zone, .type = DNS_TYPE_A, .rdata = (const uint8_t *)"abcd", .nbytes = 4};
	struct store_checkpoint *c;
	char out[20] = "";

	(void)state;
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), -ENOENT);
	assert_int_equal(store_baseline_begin(s, &c, zone, identity, sizeof(identity)), 0);
	assert_int_equal(store_checkpoint_record(c, &r), 0);
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), -ENOENT);
	assert_int_equal(store_checkpoint_end(c), 0);
	assert_int_equal(store_baseline_identity(s, zone, NULL, 0), sizeof(identity));
	assert_int_equal(store_baseline_identity(s, zone, out, 4), sizeof(identity));
	assert_string_equal(out, "file");
	assert_int_equal(store_baseline_begin(s, &c, zone, "", 0), 0);
	store_checkpoint_abort(c);
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), sizeof(identity));
	assert_string_equal(out, identity);
	assert_int_equal(store_baseline_read(s, zone, kit_ignore_record, NULL), 0);
	assert_int_equal(store_baseline_begin(s, &c, zone, NULL, 0), 0);
	assert_int_equal(store_checkpoint_end(c), 0);
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), 0);
	assert_int_equal(store_baseline_read(s, zone, kit_ignore_record, NULL), 0);
	store_close(s);
}

static void baseline_prepare(struct store *s, const char *identity)
{
	struct store_checkpoint *c;

	assert_int_equal(store_baseline_prepare(s, &c, zone, identity, strlen(identity)), 0);
	assert_int_equal(store_checkpoint_end(c), 0);
}

static void a_prepared_baseline_waits_to_be_adopted(void **state)
{
	struct store *s = open_again("");
	char out[20] = "";

	(void)state;
	assert_int_equal(store_baseline_adopt(s, zone, "o", 1), -ENOENT);
	baseline_prepare(s, "one");
	assert_int_equal(store_baseline_identity(s, zone, NULL, 0), -ENOENT);
	assert_int_equal(store_baseline_adopt(s, zone, "two", 3), -ENOENT);
	assert_int_equal(store_baseline_adopt(s, zone, "on", 2), 0);
	assert_int_equal(store_baseline_adopt(s, zone, "on", 2), -ENOENT);
	baseline_prepare(s, "two");
	store_close(s);
	s = open_again("");
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), 3);
	assert_string_equal(out, "one");
	assert_int_equal(store_baseline_adopt(s, zone, "two", 3), 0);
	assert_int_equal(store_baseline_identity(s, zone, out, sizeof(out)), 3);
	assert_string_equal(out, "two");
	baseline_prepare(s, "three");
	assert_int_equal(store_zone_remove(s, zone, &(struct store_batch){.nchanges = 0}), 0);
	assert_int_equal(store_baseline_adopt(s, zone, "three", 5), -ENOENT);
	store_close(s);
}

/* ---- trouble with the disk ---- */

/* Waits until segment `number` has been made in advance and nothing is written any more, so that
 * the trouble meets the next commit. */
static void wait_for_segment(uint64_t number)
{
	char path[JOURNAL_PATH_MAX];
	struct stat st = {0};
	size_t steps = 0;

	journal_segment_path(path, folder, number);
	for (unsigned i = 0, nquiet = 0; i < 1000 && nquiet < 100; i++) {
		nquiet = stat(path, &st) == 0 && steps == disk_steps() ? nquiet + 1 : 0;
		steps = disk_steps();
		usleep(10000);
	}
	assert_true(st.st_size > 0);
}

static void refused_commits_are_gone_and_the_next_ones_work(void **state)
{
	static const struct {
		enum disk_call call;
		int error;
	} trouble[] = {{DISK_FDATASYNC, EIO}, {DISK_WRITE, EIO}, {DISK_WRITE, EROFS}};

	(void)state;
	for (size_t i = 0; i < sizeof(trouble) / sizeof(*trouble); i++) {
		struct store_stats stats;
		struct store *s;

		folder_empty(folder);
		disk_begin();
		s = open_again("");
		commit(s, zone, 1, 2, 0);
		disk_fail_here(trouble[i].call, trouble[i].error, 0, 1);
		assert_int_equal(commit_sized(s, zone, 2, 99, 5, 100), -trouble[i].error);
		disk_fail_here(trouble[i].call, trouble[i].error, 0, 2);
		assert_int_equal(commit_sized(s, zone, 2, 98, 5, 100), -EUCLEAN);
		commit(s, zone, 2, 3, 0);
		commit(s, zone, 3, 4, 0);
		store_stats_get(s, &stats);
		assert_int_equal(stats.commit_failures, 2);
		store_close(s);
		disk_end();
		store_close(open_again("z1-2 z2-3 z3-4 "));
	}
}

static void nothing_is_written_until_a_failed_commit_is_taken_back(void **state)
{
	struct store *s;

	(void)state;
	disk_begin();
	s = open_again("");
	commit(s, zone, 1, 2, 0);
	wait_for_segment(2);
	/* All syncs fail from now on, and the page cache has what was written. */
	disk_fail(DISK_FDATASYNC, EIO, 0, 1000000);
	assert_int_equal(commit_sized(s, zone, 2, 99, 5, 100), -EUCLEAN);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(commit_sized(s, zone, 2, 90 + i, 5, 100), -EIO);
	disk_fail(DISK_FDATASYNC, 0, 0, 0);
	store_close(s);
	/* What nobody could know is there; what was refused is not. */
	s = open_again("z1-2 z2-99 n5:3 ");
	commit(s, zone, 99, 100, 0);
	store_close(s);
	disk_end();
	store_close(open_again("z1-2 z2-99 n5:3 z99-100 "));
}

/* Returns the whole segment, to be freed. */
static uint8_t *segment_bytes(uint64_t number)
{
	uint8_t *bytes = malloc(SEGMENT);
	char path[JOURNAL_PATH_MAX];
	int fd;

	journal_segment_path(path, folder, number);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, SEGMENT), SEGMENT);
	close(fd);
	return bytes;
}

static void a_segment_whose_sync_failed_is_not_written_again(void **state)
{
	static const enum disk_call calls[] = {DISK_FDATASYNC, DISK_WRITE};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		uint8_t *then, *now;
		struct store *s;

		folder_empty(folder);
		disk_begin();
		s = open_again("");
		commit(s, zone, 1, 2, 0);
		disk_fail_here(calls[i], EIO, 0, 1);
		assert_int_equal(commit_sized(s, zone, 2, 3, 0, 100), -EIO);
		then = segment_bytes(1);
		commit_steps(s, 2, 6);
		now = segment_bytes(1);
		assert_memory_equal(now, then, SEGMENT);
		free(then);
		free(now);
		store_close(s);
		disk_end();
	}
}

static void a_full_disk_refuses_until_there_is_room(void **state)
{
	struct store *s;
	uint32_t serial = 1;
	int ret;

	(void)state;
	disk_begin();
	s = open_again("");
	usleep(100000);
	disk_fail(DISK_FALLOCATE, ENOSPC, 0, 1000000);
	while ((ret = commit_sized(s, zone, serial, serial + 1, 0, 100)) == 0)
		serial++;
	assert_int_equal(ret, -ENOSPC);
	assert_true(serial >= 33); /* the segment, and the one made in advance */
	assert_int_equal(commit_sized(s, zone, serial, serial + 1, 0, 100), -ENOSPC);
	disk_fail(DISK_FALLOCATE, 0, 0, 0);
	assert_int_equal(commit_sized(s, zone, serial, serial + 1, 0, 100), 0);
	serial++;
	store_close(s);
	disk_end();
	s = open_again(NULL);
	assert_true(has_history(s, zone, serial));
	store_close(s);
}

static void a_start_without_a_writable_disk_still_reads(void **state)
{
	struct store *s = open_again("");

	(void)state;
	commit(s, zone, 1, 2, 0);
	store_close(s);
	disk_begin();
	for (int call = 0; call < DISK_CALLS; call++)
		if (call != DISK_OPEN)
			disk_fail((enum disk_call)call, EROFS, 0, 1000000);
	s = open_again("z1-2 ");
	assert_int_equal(commit_sized(s, zone, 2, 3, 0, 100), -EROFS);
	for (int call = 0; call < DISK_CALLS; call++)
		disk_fail((enum disk_call)call, 0, 0, 0);
	commit(s, zone, 2, 3, 0);
	store_close(s);
	disk_end();
	store_close(open_again("z1-2 z2-3 "));
}

static void a_checkpoint_that_fails_leaves_the_old_one(void **state)
{
	static const enum disk_call calls[] = {DISK_OPEN, DISK_WRITE, DISK_FSYNC, DISK_RENAME};
	struct store *s;

	(void)state;
	disk_begin();
	s = open_again("");
	commit(s, zone, 1, 2, 0);
	checkpoint(s, zone, 2);
	commit(s, zone, 2, 3, 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct store_checkpoint *c;
		int ret;

		disk_fail_here(calls[i], EIO, 0, 1);
		ret = store_checkpoint_begin(s, &c, zone, 3);
		if (ret == 0)
			ret = store_checkpoint_end(c);
		assert_int_equal(ret, -EIO);
	}
	store_close(s);
	disk_end();
	store_close(open_again("z@2(1) z2-3 "));
}

/* ---- threads ---- */

struct busy {
	struct store *s;
	_Atomic uint32_t serial;
	_Atomic bool is_over;
	unsigned reads;
};

static void *checkpoints_run(void *arg)
{
	struct busy *b = arg;

	while (!b->is_over)
		checkpoint(b->s, zone, b->serial);
	return NULL;
}

static void *reader_run(void *arg)
{
	struct busy *b = arg;

	while (!b->is_over) {
		uint32_t newest = b->serial, serial = newest > 20 ? newest - 20 : newest;
		int ret = store_history_read(b->s, zone, serial, count_change, &serial);

		assert_true(ret == 0 || ret == -ENOENT);
		if (ret == 0)
			assert_true(serial >= newest);
		b->reads++;
	}
	return NULL;
}

static void commits_checkpoints_and_readers_do_not_disturb_each_other(void **state)
{
	struct busy b = {.serial = 1};
	pthread_t threads[2];
	char wanted[20];

	(void)state;
	history_size = SEGMENT;
	disk_none();
	b.s = open_again("");
	pthread_create(&threads[0], NULL, checkpoints_run, &b);
	pthread_create(&threads[1], NULL, reader_run, &b);
	for (uint32_t i = 1; i < 3000; i++) {
		commit(b.s, zone, i, i + 1, (uint16_t)(i % 100));
		b.serial = i + 1;
	}
	b.is_over = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	checkpoint(b.s, zone, b.serial);
	store_close(b.s);
	store_close(open_again(NULL));
	disk_end();
	snprintf(wanted, sizeof(wanted), "z@%u(1) ", b.serial);
	assert_non_null(strstr(recovered, wanted));
	assert_true(segments(NULL) < 10);
}

/* ---- the offline tool ---- */

static char *report(int (*run)(const char *, FILE *), int wanted)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_int_equal(run(folder, f), wanted);
	fclose(f);
	return text;
}

/* Writes an A record as a line of a zone file. */
static int a_record_write(void *arg, const struct dns_record *r)
{
	char owner[DNS_NAME_TEXT_MAX];

	assert_int_equal(r->type, DNS_TYPE_A);
	assert_int_equal(r->nbytes, 4);
	dns_name_to_text(owner, r->owner);
	fprintf(arg, "%s\t%u\tIN\tA\t%u.%u.%u.%u\n", owner, r->ttl, r->rdata[0], r->rdata[1],
		r->rdata[2], r->rdata[3]);
	return 0;
}

static void problem_write(void *arg, enum base_log_level level, const struct base_error *error)
{
	assert_int_equal(level, BASE_LOG_ERROR);
	assert_string_equal(error->at.file, folder);
	assert_true(error->code < 0);
	fprintf(arg, "; %s\n", error->text);
}

static int export_zone(const char *path, FILE *f)
{
	const struct offline_export_reader reader = {a_record_write, problem_write, f};

	return offline_export(path, zone, &reader);
}

/* Adds one record in the form of a changeset. */
static void put(struct base_out *o, const char *owner, uint16_t type, const char *rdata,
		uint16_t nbytes)
{
	const struct dns_record r = {.owner = (const uint8_t *)owner,
				     .type = type,
				     .ttl = 60,
				     .rdata = (const uint8_t *)rdata,
				     .nbytes = nbytes};

	zone_changeset_write(o, &r);
}

static void export_merges_checkpoint_and_log(void **state)
{
	static const char *const owners[] = {"\1z", "\1b\1z", "\1d\1z", "\1f\1z"};
	uint8_t removed[500], added[500];
	struct base_out r = base_out_over(removed, sizeof(removed)),
			a = base_out_over(added, sizeof(added));
	struct store_change change = {
		.zone = zone, .changes = {.from = 1, .to = 2, .removed = removed, .added = added}};
	struct store_batch batch = {.changes = &change, .nchanges = 1};
	struct store *s = open_again("");
	struct store_checkpoint *c;
	char *text;

	(void)state;
	assert_int_equal(store_checkpoint_begin(s, &c, zone, 1), 0);
	for (size_t i = 0; i < 4; i++) {
		const struct dns_record record = {.owner = (const uint8_t *)owners[i],
						  .type = DNS_TYPE_A,
						  .ttl = 60,
						  .rdata = (const uint8_t *)"\1\2\3\4",
						  .nbytes = 4};

		assert_int_equal(store_checkpoint_record(c, &record), 0);
	}
	assert_int_equal(store_checkpoint_end(c), 0);
	put(&r, "\1B\1z", DNS_TYPE_A, "\1\2\3\4", 4);
	put(&r, "\1d\1z", DNS_TYPE_A, "\1\2\3\4", 4);
	put(&a, "\1a\1z", DNS_TYPE_A, "\1\1\1\1", 4);
	put(&a, "\1d\1z", DNS_TYPE_A, "\2\2\2\2", 4);
	put(&a, "\1g\1z", DNS_TYPE_A, "\3\3\3\3", 4);
	change.changes.nremoved_bytes = base_out_nbytes(&r);
	change.changes.nadded_bytes = base_out_nbytes(&a);
	assert_int_equal(store_commit(s, &batch), 0);
	free(report(export_zone, -EBUSY));
	store_close(s);
	text = report(export_zone, 0);
	assert_string_equal(
		text, "z.\t60\tIN\tA\t1.2.3.4\na.z.\t60\tIN\tA\t1.1.1.1\nd.z.\t60\tIN\tA\t2.2.2.2\n"
		      "f.z.\t60\tIN\tA\t1.2.3.4\ng.z.\t60\tIN\tA\t3.3.3.3\n");
	free(text);
	text = report(offline_check, 0);
	assert_non_null(strstr(text, "z.checkpoint: zone z., up to commit 0, 4 entries: intact\n"));
	assert_non_null(strstr(text, "The store is intact.\n"));
	free(text);
}

static void export_gives_what_a_damaged_store_still_has(void **state)
{
	struct store *s = open_again("");
	char *text;

	(void)state;
	checkpoint(s, zone, 1);
	for (uint32_t i = 1; i < 4; i++)
		assert_int_equal(commit_sized(s, zone, i, i + 1, 0, 0), 0);
	store_close(s);
	spoil("log-00000001", 4096 + 70, "hole");
	text = report(export_zone, -EBADMSG);
	assert_non_null(strstr(text, "; log-00000001 has commit 3 at byte 8192, "));
	assert_non_null(strstr(text, "z.\t1\tIN\tA\t97.98.99.100\n"));
	free(text);
	text = report(offline_check, -EBADMSG);
	assert_non_null(strstr(text, "The store is damaged.\n"));
	free(text);
	spoil("z.checkpoint", 4096 + 20, "x");
	text = report(export_zone, -EBADMSG);
	assert_non_null(strstr(text, "; the checkpoint is damaged"));
	free(text);
}

static void export_knows_what_it_does_not_have(void **state)
{
	struct store *s = open_again("");

	(void)state;
	checkpoint(s, zone, 1);
	assert_int_equal(store_zone_remove(s, zone, &(struct store_batch){.nchanges = 0}), 0);
	store_close(s);
	free(report(export_zone, -ENOENT));
}

static int setup(void **state)
{
	(void)state;
	history_size = 0;
	history_age_s = 0;
	folder_make(folder, "journal");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(commits_come_back_in_order),
		in_folder(a_start_goes_on_in_the_last_segment),
		in_folder(files_are_nobody_elses_business),
		in_folder(a_store_in_use_is_refused),
		in_folder(a_newer_format_is_refused),
		in_folder(a_torn_end_is_cut),
		in_folder(a_hole_in_the_middle_is_refused),
		in_folder(a_missing_segment_is_refused),
		in_folder(a_missing_end_is_refused),
		in_folder(damaged_files_are_refused),
		in_folder(a_record_may_be_larger_than_a_segment),
		in_folder(history_leads_from_any_kept_serial_to_the_newest),
		in_folder(log_is_given_back_when_checkpoints_have_it),
		in_folder(history_ends_at_its_age),
		in_folder(a_zone_without_checkpoint_keeps_its_log),
		in_folder(a_forgotten_zone_does_not_come_back),
		in_folder(a_baseline_is_replaced_as_a_whole),
		in_folder(a_prepared_baseline_waits_to_be_adopted),
		in_folder(refused_commits_are_gone_and_the_next_ones_work),
		in_folder(nothing_is_written_until_a_failed_commit_is_taken_back),
		in_folder(a_segment_whose_sync_failed_is_not_written_again),
		in_folder(a_full_disk_refuses_until_there_is_room),
		in_folder(a_start_without_a_writable_disk_still_reads),
		in_folder(a_checkpoint_that_fails_leaves_the_old_one),
		in_folder(commits_checkpoints_and_readers_do_not_disturb_each_other),
		in_folder(export_merges_checkpoint_and_log),
		in_folder(export_gives_what_a_damaged_store_still_has),
		in_folder(export_knows_what_it_does_not_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
