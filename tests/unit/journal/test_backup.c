/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Backups of stores in all states: what is restored is what was committed when the backup began,
 * whatever happened until it was written. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "archive/out.h"
#include "base/buf.h"
#include "base/error.h"
#include "dns/name.h"
#include "journal/journal.h"
#include "kit.h"
#include "offline/restore.h"
#include "store/store.h"

enum { SEGMENT = 64 * 1024 };

static const uint8_t zone[] = "\1z", other[] = "\1o\1x";
static char folder[FOLDER_PATH_MAX]; /* has the two */
static char living[80], restored[80];

/* What a recovery found. */
static struct {
	uint32_t serial[2]; /* of zone and other; 0: not there */
	uint64_t item;
	unsigned nchanges;
} found;

static int on_checkpoint(void *arg, const uint8_t *name, uint32_t serial, uint64_t nrecords,
			 uint64_t nowners)
{
	(void)arg;
	(void)nrecords;
	(void)nowners;
	found.serial[dns_name_equal(name, other)] = serial;
	return 0;
}

static int on_change(void *arg, const struct store_change *change)
{
	(void)arg;
	found.serial[dns_name_equal(change->zone, other)] = change->changes.to;
	found.nchanges++;
	return 0;
}

static int on_item(void *arg, const struct store_item *item)
{
	(void)arg;
	found.item = base_load64(item->bytes);
	return 0;
}

static struct store *open_store(const char *path)
{
	const struct store_settings settings = {
		.directory = path, .segment_size = SEGMENT, .history_size = 2 * SEGMENT};
	const struct store_recovery recovery = {
		on_checkpoint, kit_ignore_record, kit_ignore_checkpoint_end,
		on_change,     on_item,		  NULL};
	struct base_error error = {0};
	struct store *s = NULL;

	memset(&found, 0, sizeof(found));
	store_open(&s, &journal_engine, &settings, &error);
	assert_string_equal(error.text, "");
	store_recover(s, &recovery, &error);
	assert_string_equal(error.text, "");
	return s;
}

/* Commits the change of a zone to `to`, with the item of that value. */
static void commit(struct store *s, const uint8_t *name, uint32_t to)
{
	static const uint8_t bytes[9000];
	uint8_t value[8];
	const struct store_item item = {
		.kind = STORE_ITEM_LEASE, .key = bytes, .nkey = 1, .bytes = value, .nbytes = 8};
	const struct store_change change = {.zone = name,
					    .changes = {.from = to - 1,
							.to = to,
							.added = bytes,
							.nadded_bytes = to % 3 * 3000}};
	const struct store_batch batch = {
		.changes = &change, .nchanges = 1, .items = &item, .nitems = 1, .time_s = to};

	base_store64(value, to);
	assert_int_equal(store_commit(s, &batch), 0);
}

static void checkpoint(struct store *s, const uint8_t *name, uint32_t serial)
{
	struct store_checkpoint *c;

	assert_int_equal(store_checkpoint_begin(s, &c, name, serial), 0);
	assert_int_equal(store_checkpoint_end(c), 0);
}

static int to_file(void *arg, const void *bytes, size_t nbytes)
{
	return write(*(int *)arg, bytes, nbytes) == (ssize_t)nbytes ? 0 : -errno;
}

static struct store_backup *begin(struct store *s)
{
	struct store_backup *b;

	assert_int_equal(store_backup_begin(s, &b), 0);
	return b;
}

/* Writes a begun backup to a file in memory, which is returned, and ends it. */
static int end(struct store_backup *b)
{
	int fd = memfd_create("backup", MFD_CLOEXEC);
	struct store_backup_info info;

	assert_true(fd >= 0);
	assert_int_equal(store_backup_write(b, 1795935631, "time now\n", to_file, &fd), 0);
	store_backup_info(b, &info);
	assert_int_equal(info.nbytes, lseek(fd, 0, SEEK_CUR));
	store_backup_end(b);
	return fd;
}

static int restore(int fd, bool is_forced, struct base_error *error)
{
	struct offline_restore r = {
		.folder = restored, .fd = fd, .is_forced = is_forced, .time_s = 1795935631};

	*error = (struct base_error){.code = 0};
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return offline_restore(&r, error);
}

/* Restores the backup, opens the store and checks what is in it. Closes `fd`. */
static void check(int fd, uint32_t serial, uint32_t serial_of_other, uint64_t item)
{
	struct base_error error;

	assert_int_equal(restore(fd, true, &error), 0);
	assert_string_equal(error.text, "");
	close(fd);
	for (unsigned i = 0; i < 3; i++) {
		struct store *s = open_store(restored);

		assert_int_equal(found.serial[0], serial);
		assert_int_equal(found.serial[1], serial_of_other);
		assert_int_equal(found.item, item);
		/* It goes on from there. */
		commit(s, zone, ++serial);
		item = serial;
		store_close(s);
	}
}

static void a_backup_is_as_of_its_begin(void **state)
{
	struct store *s = open_store(living);
	struct store_backup *b;

	(void)state;
	check(end(begin(s)), 0, 0, 0);
	commit(s, other, 2);
	for (uint32_t i = 2; i <= 60; i++) {
		commit(s, zone, i);
		if (i % 20 == 1)
			checkpoint(s, zone, i);
		if (i % 7 != 0)
			continue;
		b = begin(s);
		commit(s, zone, ++i);
		commit(s, other, i);
		checkpoint(s, zone, i);
		check(end(b), i - 1, i < 9 ? 2 : i - 7 < 9 ? 8 : i - 7, i - 1);
	}
	store_close(s);
}

static void a_backup_after_checkpoints_has_one_commit_of_the_log(void **state)
{
	struct store *s = open_store(living);
	struct base_error error;
	int fd;

	(void)state;
	for (uint32_t i = 1; i <= 50; i++)
		commit(s, zone, i);
	checkpoint(s, zone, 50);
	fd = end(begin(s));
	assert_true(lseek(fd, 0, SEEK_END) < 40000);
	assert_int_equal(restore(fd, false, &error), 0);
	close(fd);
	store_close(open_store(restored));
	assert_int_equal(found.serial[0], 50);
	assert_int_equal(found.nchanges, 0);
	store_close(s);
}

static void log_that_a_backup_needs_stays_until_its_end(void **state)
{
	struct store *s = open_store(living);
	struct store_backup *b;

	(void)state;
	commit(s, other, 2);
	for (uint32_t i = 1; i <= 30; i++)
		commit(s, zone, i);
	b = begin(s);
	checkpoint(s, other, 2);
	for (uint32_t i = 31; i <= 300; i++) {
		commit(s, zone, i);
		if (i % 30 == 0)
			checkpoint(s, zone, i);
	}
	check(end(b), 30, 2, 30);
	store_close(s);
}

static void a_forgotten_zone_is_not_in_a_later_backup(void **state)
{
	struct store *s = open_store(living);
	const struct store_batch nothing = {.time_s = 9};

	(void)state;
	commit(s, other, 2);
	commit(s, zone, 1);
	checkpoint(s, other, 2);
	assert_int_equal(store_zone_remove(s, other, &nothing), 0);
	check(end(begin(s)), 1, 0, 1);
	store_close(s);
}

/* ---- while commits go on ---- */

struct writer {
	struct store *s;
	_Atomic uint32_t serial; /* committed */
	_Atomic uint32_t most;	 /* so that the disk is not filled */
	_Atomic bool is_stopping;
};

static void *write_main(void *arg)
{
	struct writer *w = arg;

	while (!w->is_stopping) {
		if (w->serial == w->most) {
			sched_yield();
			continue;
		}
		commit(w->s, zone, w->serial + 1);
		w->serial++;
	}
	return NULL;
}

static void commits_go_on_during_backups(void **state)
{
	struct writer w = {.s = open_store(living)};
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, write_main, &w), 0);
	for (unsigned i = 0; i < 20; i++) {
		uint32_t before = w.serial;
		struct store_backup *b;
		struct base_error error;
		struct store *s;
		int fd;

		w.most = before + 200;
		if (i % 3 == 1)
			checkpoint(w.s, zone, before);
		b = begin(w.s);
		fd = end(b);
		assert_int_equal(restore(fd, true, &error), 0);
		close(fd);
		s = open_store(restored);
		assert_true(found.serial[0] >= before && found.serial[0] <= w.serial + 1);
		assert_int_equal(found.item, found.serial[0]);
		store_close(s);
	}
	w.is_stopping = true;
	pthread_join(thread, NULL);
	store_close(w.s);
}

/* ---- what is refused ---- */

static bool is_there(const char *file)
{
	char path[200];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", restored, file);
	return stat(path, &st) == 0;
}

static int backup_of_life(void)
{
	struct store *s = open_store(living);
	int fd;

	for (uint32_t i = 1; i <= 5; i++)
		commit(s, zone, i);
	fd = end(begin(s));
	store_close(s);
	return fd;
}

static void a_store_in_use_is_left_alone(void **state)
{
	int fd = backup_of_life();
	struct store *s = open_store(restored);
	struct base_error error;

	(void)state;
	assert_int_equal(restore(fd, true, &error), -EBUSY);
	assert_non_null(strstr(error.text, "in use"));
	store_close(s);
	close(fd);
}

static void a_store_is_replaced_only_when_forced_and_kept_aside(void **state)
{
	int fd = backup_of_life();
	struct base_error error;
	struct store *s = open_store(restored);

	(void)state;
	commit(s, zone, 77);
	store_close(s);
	assert_int_equal(restore(fd, false, &error), -ENOTEMPTY);
	s = open_store(restored);
	assert_int_equal(found.serial[0], 77);
	store_close(s);
	assert_int_equal(restore(fd, true, &error), 0);
	assert_true(is_there("replaced-20261129T070031Z/format"));
	assert_true(is_there("replaced-20261129T070031Z/log-00000001"));
	assert_false(is_there("restoring"));
	assert_int_equal(restore(fd, true, &error), 0);
	assert_true(is_there("replaced-20261129T070031Z-2/format"));
	store_close(open_store(restored));
	assert_int_equal(found.serial[0], 5);
	close(fd);
}

static void files_of_others_are_not_touched(void **state)
{
	int fd = backup_of_life(), file;
	struct base_error error;
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/letter", restored);
	file = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(restore(fd, false, &error), -ENOTEMPTY);
	assert_int_equal(restore(fd, true, &error), 0);
	assert_true(is_there("letter") && is_there("format"));
	close(fd);
}

static void a_backup_that_is_cut_or_changed_changes_nothing(void **state)
{
	int fd = backup_of_life();
	off_t size = lseek(fd, 0, SEEK_END);
	struct base_error error;

	(void)state;
	for (off_t at = 30; at < size - 1024; at += 611) {
		uint8_t before, after;
		int ret;

		assert_int_equal(pread(fd, &before, 1, at), 1);
		after = before ^ 1;
		assert_int_equal(pwrite(fd, &after, 1, at), 1);
		ret = restore(fd, false, &error);
		if (before != 0) /* else it may be padding */
			assert_true(ret == -EBADMSG || ret == -EPROTO);
		if (ret == 0)
			folder_empty(restored);
		assert_false(is_there("format") || is_there("restoring"));
		assert_int_equal(pwrite(fd, &before, 1, at), 1);
	}
	assert_int_equal(ftruncate(fd, size / 2), 0);
	assert_int_equal(restore(fd, false, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "not complete"));
	close(fd);
}

/* Makes an archive of one text and one file. */
static int archive_of(const char *text, const char *name, const char *content)
{
	int fd = memfd_create("backup", MFD_CLOEXEC);
	struct archive_out a;

	assert_true(fd >= 0);
	archive_out_begin(&a, to_file, &fd, 0);
	assert_int_equal(archive_out_text(&a, "weft-backup", text), 0);
	assert_int_equal(archive_out_text(&a, name, content), 0);
	assert_int_equal(archive_out_end(&a), 0);
	archive_out_fini(&a);
	return fd;
}

static void other_archives_are_refused(void **state)
{
	static const char format[] = "weft store 1\nkey 0123456789abcdef\n";
	static const struct {
		const char *text, *name, *content;
		int ret;
		const char *says;
	} cases[] = {
		{"weft backup 2\n", "format", format, -EPROTO, "a later one"},
		{"weft backup 1\n", "format", "weft store 2\n", -EPROTO, "a later one"},
		{"weft backup 1\n", "format", "rubbish", -EBADMSG, "damaged"},
		{"weft backup 1\n", "z.checkpoint", format, -ENOENT, "format"},
		{"weft backup 1\n", "../format", format, -EBADMSG, "not a backup"},
		{"weft backup 1\n", "/etc/format", format, -EBADMSG, "not a backup"},
		{"weft backup 1\n", ".format", format, -EBADMSG, "not a backup"},
		{"weft backup 1\n", "lock", format, -EBADMSG, "not a backup"},
		{"another 1\n", "format", format, -EBADMSG, "not a backup"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int fd = archive_of(cases[i].text, cases[i].name, cases[i].content);
		struct base_error error;

		assert_int_equal(restore(fd, false, &error), cases[i].ret);
		assert_non_null(strstr(error.text, cases[i].says));
		assert_false(is_there("format") || is_there("restoring"));
		close(fd);
	}
}

static void a_missing_folder_is_made_and_removed_if_that_was_in_vain(void **state)
{
	int fd = backup_of_life();
	struct base_error error;

	(void)state;
	assert_int_equal(rmdir(restored), 0);
	assert_int_equal(restore(fd, false, &error), 0);
	assert_true(is_there("format"));
	folder_remove(restored);
	assert_int_equal(ftruncate(fd, 2000), 0);
	assert_int_equal(restore(fd, false, &error), -EBADMSG);
	assert_false(is_there("."));
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "backup");
	snprintf(living, sizeof(living), "%s/a", folder);
	snprintf(restored, sizeof(restored), "%s/b", folder);
	return mkdir(living, 0700) < 0 || mkdir(restored, 0700) < 0 ? -1 : 0;
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
		in_folder(a_backup_is_as_of_its_begin),
		in_folder(a_backup_after_checkpoints_has_one_commit_of_the_log),
		in_folder(log_that_a_backup_needs_stays_until_its_end),
		in_folder(a_forgotten_zone_is_not_in_a_later_backup),
		in_folder(commits_go_on_during_backups),
		in_folder(a_store_in_use_is_left_alone),
		in_folder(a_store_is_replaced_only_when_forced_and_kept_aside),
		in_folder(files_of_others_are_not_touched),
		in_folder(a_backup_that_is_cut_or_changed_changes_nothing),
		in_folder(other_archives_are_refused),
		in_folder(a_missing_folder_is_made_and_removed_if_that_was_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
