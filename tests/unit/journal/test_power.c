/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Power is lost at every moment of a life of commits, checkpoints, baselines, failures and
 * restarts, and the disk keeps any part of the data that was not synced. Each time the store
 * must open again, with every acknowledged commit, without any that was refused, and with each
 * commit whole. */

#include <dirent.h>
#include <errno.h>
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
#include "dns/type.h"
#include "journal/journal.h"
#include "store/store.h"

enum { SEGMENT = 64 * 1024, COMMITS_MAX = 400, VARIANTS_MAX = 8, ITEM_KEYS = 7, RECORDS = 5 };

static const uint8_t zone[] = "\3Lab\5cloud";
static char folder[FOLDER_PATH_MAX]; /* contains the two structs below */
static char living[80], shown[80];

/* The commits that were tried. Commit n leads from serial n to n + 1; a variant is one try. */
static struct {
	unsigned tried;		/* variants */
	int acknowledged;	/* the variant, or -1 */
	size_t acknowledged_at; /* number of steps of the disk by then; 0: not yet */
} commits[COMMITS_MAX];
static unsigned ncommits, newest_baseline;
static size_t baseline_at; /* when the newest baseline was complete */
static unsigned older_baseline;

static uint64_t mix(uint64_t v)
{
	v ^= v >> 33;
	v *= 0xff51afd7ed558ccd;
	return v ^ v >> 33;
}

/* ---- the life ---- */

static size_t payload(uint8_t *bytes, unsigned n, unsigned variant)
{
	uint64_t v = mix(n * 16 + variant + 1);
	size_t nbytes = v % 11 == 0 ? 70000 : v % 5 == 0 ? 9000 : 20 + v % 300;

	for (size_t i = 0; i < nbytes; i++)
		bytes[i] = (uint8_t)((v >> i % 56) + i);
	return nbytes;
}

static struct store_item item_of(unsigned n, uint8_t key[static 4], uint8_t bytes[static 8])
{
	base_store32(key, n % ITEM_KEYS);
	base_store64(bytes, n);
	return (struct store_item){.kind = STORE_ITEM_LEASE,
				   .key = key,
				   .nkey = 4,
				   .bytes = bytes,
				   .nbytes = n % 5 == 0 ? 0 : 8};
}

static int try_commit(struct store *s)
{
	static uint8_t bytes[100000];
	unsigned n = ncommits, variant = commits[n].tried++;
	size_t nbytes = payload(bytes, n, variant);
	uint8_t key[4], value[8];
	struct store_item item = item_of(n, key, value);
	struct store_change change = {.zone = zone,
				      .changes = {.from = n,
						  .to = n + 1,
						  .removed = bytes,
						  .nremoved_bytes = nbytes / 2,
						  .added = bytes + nbytes / 2,
						  .nadded_bytes = nbytes - nbytes / 2,
						  .nremoved = 1,
						  .nadded = variant}};
	struct store_batch batch = {
		.changes = &change, .nchanges = 1, .items = &item, .nitems = 1, .time_s = n};
	int ret = store_commit(s, &batch);

	assert_true(variant < VARIANTS_MAX);
	if (ret == 0) {
		commits[n].acknowledged = (int)variant;
		commits[n].acknowledged_at = disk_steps();
		commits[++ncommits].acknowledged = -1;
	}
	return ret;
}

/* Makes record i of the zone at a serial. */
static struct dns_record record_of(unsigned serial, unsigned i, uint8_t rdata[static 16])
{
	static const uint8_t owners[RECORDS][16] = {"\3lab\5cloud", "\1a\3lab\5cloud",
						    "\1a\3lab\5cloud", "\1b\1a\3lab\5cloud",
						    "\1c\3lab\5cloud"};

	memset(rdata, 0, 16);
	base_store32(rdata, serial);
	base_store32(rdata + 4, i);
	return (struct dns_record){.owner = owners[i],
				   .type = (uint16_t)(i < 3 ? 65280 : 65281),
				   .ttl = 60 * (i / 2),
				   .rdata = rdata,
				   .nbytes = (uint16_t)(8 + i)};
}

static int write_image(struct store *s, bool is_baseline, unsigned serial)
{
	struct store_checkpoint *c;
	uint8_t rdata[16];
	int ret = is_baseline ? store_baseline_begin(s, &c, zone, &serial, sizeof(serial))
			      : store_checkpoint_begin(s, &c, zone, serial);

	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < RECORDS && ret == 0; i++) {
		struct dns_record r = record_of(serial, i, rdata);

		ret = store_checkpoint_record(c, &r);
	}
	if (ret < 0)
		store_checkpoint_abort(c);
	else
		ret = store_checkpoint_end(c);
	return ret;
}

/* ---- what comes back ---- */

struct back {
	size_t nsteps;
	bool has_start;
	uint32_t serial;
	unsigned nrecords, nchanges, nothers, variant;
	uint64_t items[ITEM_KEYS];
};

static int back_checkpoint(void *arg, const uint8_t *name, uint32_t serial, uint64_t nrecords,
			   uint64_t nowners)
{
	struct back *b = arg;

	assert_true(dns_name_equal(name, zone));
	assert_int_equal(nrecords, RECORDS);
	assert_int_equal(nowners, RECORDS - 1);
	b->serial = serial;
	b->has_start = true;
	return 0;
}

static int back_record(void *arg, const struct dns_record *record)
{
	struct back *b = arg;
	uint8_t rdata[16];
	struct dns_record wanted = record_of(b->serial, b->nrecords++, rdata);

	assert_true(dns_name_equal(record->owner, wanted.owner));
	assert_int_equal(record->type, wanted.type);
	assert_int_equal(record->ttl, wanted.ttl);
	assert_int_equal(record->nbytes, wanted.nbytes);
	assert_memory_equal(record->rdata, wanted.rdata, wanted.nbytes);
	return 0;
}

static int back_checkpoint_end(void *arg, const uint8_t *name)
{
	struct back *b = arg;

	(void)name;
	assert_int_equal(b->nrecords, RECORDS);
	return 0;
}

static int back_change(void *arg, const struct store_change *change)
{
	static uint8_t bytes[100000];
	const struct zone_changeset *c = &change->changes;
	struct back *b = arg;
	unsigned n = c->from, variant = c->nadded;
	size_t nbytes;

	if (!dns_name_equal(change->zone, zone)) {
		b->nothers++;
		return 0;
	}
	if (b->has_start)
		assert_int_equal(c->from, b->serial);
	assert_true(n < COMMITS_MAX && variant < commits[n].tried);
	nbytes = payload(bytes, n, variant);
	assert_int_equal(c->to, n + 1);
	assert_int_equal(c->nremoved_bytes, nbytes / 2);
	assert_int_equal(c->nadded_bytes, nbytes - nbytes / 2);
	assert_memory_equal(c->removed, bytes, nbytes / 2);
	assert_memory_equal(c->added, bytes + nbytes / 2, nbytes - nbytes / 2);
	/* Once a try was acknowledged, refused tries of the same commit never come back. */
	if (commits[n].acknowledged_at > 0 && commits[n].acknowledged_at <= b->nsteps)
		assert_int_equal(variant, commits[n].acknowledged);
	b->serial = c->to;
	b->variant = variant;
	b->has_start = true;
	b->nchanges++;
	return 0;
}

static int back_item(void *arg, const struct store_item *item)
{
	struct back *b = arg;

	assert_int_equal(item->kind, STORE_ITEM_LEASE);
	assert_int_equal(item->nkey, 4);
	b->items[base_load32(item->key)] = item->nbytes == 0 ? 0 : base_load64(item->bytes);
	return 0;
}

static int baseline_record(void *arg, const struct dns_record *record)
{
	assert_int_equal(base_load32(record->rdata), *(unsigned *)arg);
	return 0;
}

static void check_baseline(struct store *s, size_t nsteps)
{
	unsigned serial = 0;
	int ret = store_baseline_identity(s, zone, &serial, sizeof(serial));

	if (baseline_at > 0 && baseline_at <= nsteps)
		assert_int_equal(ret, sizeof(serial));
	if (ret == -ENOENT)
		return;
	assert_int_equal(ret, sizeof(serial));
	if (baseline_at > 0 && baseline_at <= nsteps)
		assert_true(serial == newest_baseline || serial > older_baseline);
	assert_int_equal(store_baseline_read(s, zone, baseline_record, &serial), 0);
}

static void check_items(const struct back *b)
{
	uint64_t wanted[ITEM_KEYS] = {0};

	for (unsigned n = 0; n < b->serial; n++)
		wanted[n % ITEM_KEYS] = n % 5 == 0 ? 0 : n;
	assert_memory_equal(b->items, wanted, sizeof(wanted));
}

static unsigned acknowledged_by(size_t nsteps)
{
	unsigned n = 0;

	while (n < ncommits && commits[n].acknowledged_at <= nsteps)
		n++;
	return n;
}

static struct store *open_store(const char *path, struct back *b, int *ret,
				struct base_error *error)
{
	struct store_settings settings = {
		.directory = path, .segment_size = SEGMENT, .history_size = 3 * SEGMENT};
	struct store_recovery recovery = {back_checkpoint, back_record, back_checkpoint_end,
					  back_change,	   back_item,	b};
	struct store *s = NULL;

	*ret = store_open(&s, &journal_engine, &settings, error);
	if (*ret == 0)
		*ret = store_recover(s, &recovery, error);
	return s;
}

/* Goes on after the loss: later commits must be recovered as well. */
static void go_on(uint32_t serial)
{
	static const uint8_t other[] = "\5other";
	const struct store_change change = {.zone = other, .changes = {.from = 7, .to = 8}};
	const struct store_batch batch = {.changes = &change, .nchanges = 1};

	for (unsigned i = 0; i < 3; i++) {
		struct back b = {.nsteps = 0};
		struct base_error error = {0};
		int ret;
		struct store *s = open_store(shown, &b, &ret, &error);

		assert_string_equal(error.text, "");
		assert_int_equal(ret, 0);
		assert_int_equal(b.serial, serial);
		assert_int_equal(b.nothers, i);
		assert_int_equal(store_commit(s, &batch), 0);
		store_close(s);
	}
}

static void lose_power(size_t nsteps, enum disk_loss loss, uint64_t seed, bool goes_on)
{
	struct back b = {.nsteps = nsteps};
	struct base_error error = {0};
	unsigned acknowledged = acknowledged_by(nsteps);
	struct store *s;
	int ret;

	folder_empty(shown);
	disk_show(nsteps, shown, loss, seed);
	s = open_store(shown, &b, &ret, &error);
	if (ret != 0 || b.serial < acknowledged)
		print_error(
			"step %zu of %zu, loss %d, seed %llu: %d %s; serial %u, acknowledged %u\n",
			nsteps, disk_steps(), (int)loss, (unsigned long long)seed, ret, error.text,
			b.serial, acknowledged);
	assert_int_equal(ret, 0);
	assert_true(b.serial >= acknowledged);
	assert_true(b.serial <= ncommits + 1);
	check_items(&b);
	check_baseline(s, nsteps);
	store_close(s);
	if (goes_on)
		go_on(b.serial);
}

/* Loses power at each step of what the disk remembers. */
static void lose_power_everywhere(uint64_t seed)
{
	size_t count = disk_steps();
	bool is_thorough = getenv("WEFT_THOROUGH") != NULL;

	disk_none();
	for (size_t n = 0; n <= count; n++) {
		for (unsigned loss = 0; loss < DISK_LOSSES; loss++) {
			unsigned tries = loss < 2 ? 1 : is_thorough ? 10 : 1;

			if (!is_thorough && loss >= 2 && loss != 2 + n % 3)
				continue;
			for (unsigned i = 0; i < tries; i++)
				lose_power(n, (enum disk_loss)loss,
					   mix(seed + n * 64 + loss * 16 + i), n % 8 == 0);
		}
	}
	disk_resume();
}

static struct store *start(void)
{
	struct back b = {.nsteps = disk_steps()};
	struct base_error error = {0};
	int ret;
	struct store *s = open_store(living, &b, &ret, &error);

	assert_string_equal(error.text, "");
	assert_int_equal(ret, 0);
	/* A commit that was refused may be recovered if no commit came after it. */
	if (ncommits < b.serial) {
		commits[ncommits].acknowledged = (int)b.variant;
		commits[ncommits].acknowledged_at = disk_steps();
		commits[++ncommits].acknowledged = -1;
	}
	assert_int_equal(b.serial, ncommits);
	return s;
}

static void begin_life(void)
{
	memset(commits, 0, sizeof(commits));
	commits[0].acknowledged = -1;
	ncommits = newest_baseline = older_baseline = 0;
	baseline_at = 0;
	folder_empty(living);
	disk_begin();
}

static void end_life(void)
{
	disk_end();
}

static void baseline_write(struct store *s)
{
	unsigned serial = ncommits;

	if (write_image(s, true, serial) == 0) {
		older_baseline = newest_baseline;
		newest_baseline = serial;
		baseline_at = disk_steps();
	}
}

static void live_through_commits(uint64_t seed)
{
	struct store *s = start();

	for (unsigned i = 0; i < 70; i++) {
		assert_int_equal(try_commit(s), 0);
		if (i % 13 == 12)
			assert_int_equal(write_image(s, false, ncommits), 0);
		if (i == 30)
			baseline_write(s);
	}
	store_close(s);
	lose_power_everywhere(seed);
}

static void a_life_of_commits_survives_any_loss_of_power(void **state)
{
	(void)state;
	begin_life();
	live_through_commits(1);
	assert_true(disk_direct_writes() > 70);
	end_life();
}

static void a_life_without_direct_writes_survives_any_loss_of_power(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin_life();
		disk_direct(i == 0 ? DISK_DIRECT_NOT_OPENED : DISK_DIRECT_NOT_WRITTEN);
		live_through_commits(4 + i);
		assert_int_equal(disk_direct_writes(), 0);
		end_life();
	}
}

static void a_life_with_restarts_survives_any_loss_of_power(void **state)
{
	struct store *s;

	(void)state;
	begin_life();
	for (unsigned i = 0; i < 12; i++) {
		s = start();
		for (unsigned k = 0; k < i % 4; k++)
			assert_int_equal(try_commit(s), 0);
		if (i % 5 == 4)
			assert_int_equal(write_image(s, false, ncommits), 0);
		store_close(s);
	}
	lose_power_everywhere(2);
	end_life();
}

static void a_life_with_a_failing_disk_survives_any_loss_of_power(void **state)
{
	static const struct {
		enum disk_call call;
		int error;
		unsigned count;
	} trouble[] = {
		{DISK_FDATASYNC, EIO, 1}, {DISK_WRITE, EIO, 1},	 {DISK_FDATASYNC, EIO, 3},
		{DISK_WRITE, ENOSPC, 2},  {DISK_FSYNC, EIO, 1},	 {DISK_FALLOCATE, ENOSPC, 2},
		{DISK_RENAME, EROFS, 1},  {DISK_OPEN, EROFS, 2},
	};
	struct store *s;
	unsigned refused = 0;

	(void)state;
	begin_life();
	s = start();
	for (unsigned i = 0; i < 48; i++) {
		if (i % 6 == 3)
			disk_fail(trouble[i / 6].call, trouble[i / 6].error, i / 6 % 2,
				  trouble[i / 6].count);
		/* Neither the commit nor the record that voids it is synced; then the process
		 * ends. The page cache has both. */
		if (i % 20 == 19)
			disk_fail(DISK_FDATASYNC, EIO, 0, 2);
		refused += try_commit(s) < 0;
		if (i % 11 == 10)
			write_image(s, false, ncommits);
		if (i % 20 == 19) {
			for (int call = 0; call < DISK_CALLS; call++)
				disk_fail((enum disk_call)call, 0, 0, 0);
			store_close(s);
			s = start();
		}
	}
	store_close(s);
	assert_true(refused >= 3);
	lose_power_everywhere(3);
	end_life();
}

static void short_writes_are_carried_on(void **state)
{
	struct store *s;

	(void)state;
	begin_life();
	disk_short_writes(1000);
	s = start();
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(try_commit(s), 0);
	assert_int_equal(write_image(s, false, ncommits), 0);
	store_close(s);
	s = start();
	store_close(s);
	end_life();
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "power");
	snprintf(living, sizeof(living), "%s/a", folder);
	snprintf(shown, sizeof(shown), "%s/b", folder);
	if (mkdir(living, 0700) < 0 || mkdir(shown, 0700) < 0)
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life_of_commits_survives_any_loss_of_power),
		cmocka_unit_test(a_life_without_direct_writes_survives_any_loss_of_power),
		cmocka_unit_test(a_life_with_restarts_survives_any_loss_of_power),
		cmocka_unit_test(a_life_with_a_failing_disk_survives_any_loss_of_power),
		cmocka_unit_test(short_writes_are_carried_on),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
