/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The parts of the journal by themselves: records, images of zones, items, history. */

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
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/buf.h"
#include "base/checksum.h"
#include "dns/name.h"
#include "journal/history.h"
#include "journal/image.h"
#include "journal/io.h"
#include "journal/items.h"
#include "journal/record.h"

enum { KEY = 12345, SEGMENT = 7 };

static char folder[FOLDER_PATH_MAX];

static uint64_t seed = 88172645463325252;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

/* ---- records ---- */

static const struct store_change changes[] = {
	{.zone = (const uint8_t *)"\1z",
	 .changes = {.from = 1,
		     .to = 2,
		     .removed = (const uint8_t *)"gone",
		     .nremoved_bytes = 4,
		     .added = (const uint8_t *)"new",
		     .nadded_bytes = 3,
		     .nremoved = 5,
		     .nadded = 6}},
	{.zone = (const uint8_t *)"", .changes = {.from = UINT32_MAX, .to = 0}},
};
static const struct store_item items[] = {
	{.kind = 9,
	 .key = (const uint8_t *)"key",
	 .nkey = 3,
	 .bytes = (const uint8_t *)"bytes",
	 .nbytes = 5},
	{.kind = 1, .key = NULL, .nkey = 0, .bytes = NULL, .nbytes = 0},
};
static const struct store_batch batch = {changes, 2, items, 2, 99};

/* Returns the batch as it is on disk, to be freed. */
static uint8_t *written(size_t *nbytes)
{
	struct journal_gather g = {0};
	struct journal_record r;
	uint8_t *bytes;

	assert_int_equal(journal_gather_batch(&g, &r, &batch, JOURNAL_CHANGES), 0);
	r.sequence = 3;
	r.segment = SEGMENT;
	r.previous = 4;
	journal_gather_seal(&g, &r, KEY);
	*nbytes = journal_record_nbytes(&r);
	bytes = malloc(*nbytes);
	*nbytes = 0;
	for (size_t i = 0; i < g.npieces; i++) {
		memcpy(bytes + *nbytes, g.pieces[i].iov_base, g.pieces[i].iov_len);
		*nbytes += g.pieces[i].iov_len;
	}
	assert_int_equal(*nbytes, journal_record_nbytes(&r));
	journal_gather_fini(&g);
	return bytes;
}

static void a_record_gives_back_what_was_put_in(void **state)
{
	size_t nbytes;
	uint8_t *bytes = written(&nbytes);
	struct journal_record r;
	struct journal_payload p;
	struct store_change c;
	struct store_item n;
	bool is_removal;

	(void)state;
	assert_int_equal(nbytes, JOURNAL_BLOCK);
	assert_true(journal_record_parse(&r, bytes, nbytes, SEGMENT, KEY));
	assert_int_equal(r.sequence, 3);
	assert_int_equal(r.previous, 4);
	assert_int_equal(r.time_s, 99);
	p = journal_payload_of(&r, bytes);
	assert_false(journal_payload_item(&p, &n));
	assert_true(journal_payload_change(&p, &c, &is_removal));
	assert_false(is_removal);
	assert_int_equal(c.changes.nremoved, 5);
	assert_int_equal(c.changes.nadded_bytes, 3);
	assert_memory_equal(c.changes.removed, "gone", 4);
	assert_memory_equal(c.changes.added, "new", 3);
	assert_true(journal_payload_change(&p, &c, &is_removal));
	assert_int_equal(c.changes.from, UINT32_MAX);
	assert_false(journal_payload_change(&p, &c, &is_removal));
	assert_true(journal_payload_item(&p, &n));
	assert_int_equal(n.kind, 9);
	assert_memory_equal(n.bytes, "bytes", 5);
	assert_true(journal_payload_item(&p, &n));
	assert_int_equal(n.nbytes, 0);
	assert_false(journal_payload_item(&p, &n));
	assert_false(p.b.has_failed);
	free(bytes);
}

/* What is on disk is the same on every host: stores of all versions so far have these octets. */
static void a_record_is_these_octets(void **state)
{
	static const uint8_t wanted[] =
		"WFLG\0\1\0\0"			       /* magic, format, zero */
		"\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\7"     /* sequence, segment */
		"\0\0\0\0\0\0\0\143\0\0\0\0\0\0\0\147" /* time, octets */
		"\0\0\0\2\0\0\0\2"		       /* changes, items */
		"\0\0\0\0\0\0\0\4"		       /* previous */
		"\303\160\167\375\211\026\221\310"
		"\0\0\3\0\0\0\1\0\0\0\2\0\0\0\5\0\0\0\6" /* a change */
		"\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\3\1z\0gonenew"
		"\0\0\1\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0" /* the other */
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\11\0\3\0\0\0\5keybytes" /* an item */
		"\1\0\0\0\0\0\0";	  /* the other */
	size_t nbytes;
	uint8_t *bytes = written(&nbytes);

	(void)state;
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	for (size_t i = sizeof(wanted) - 1; i < nbytes; i++)
		assert_int_equal(bytes[i], 0);
	free(bytes);
}

static void any_flipped_bit_of_a_record_is_noticed(void **state)
{
	size_t nbytes;
	uint8_t *bytes = written(&nbytes);
	struct journal_record r;
	size_t used;

	(void)state;
	assert_true(journal_record_parse(&r, bytes, nbytes, SEGMENT, KEY));
	used = JOURNAL_RECORD_HEADER + r.nbytes;
	for (size_t i = 0; i < used * 8; i++) {
		/* The two reserved bytes are covered by the checksum like the others. */
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(journal_record_parse(&r, bytes, nbytes, SEGMENT, KEY));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < used; n++)
		assert_false(journal_record_parse(&r, bytes, n, SEGMENT, KEY));
	assert_true(journal_record_parse(&r, bytes, used, SEGMENT, KEY));
	assert_false(journal_record_parse(&r, bytes, nbytes, SEGMENT + 1, KEY));
	assert_false(journal_record_parse(&r, bytes, nbytes, SEGMENT, KEY + 1));
	free(bytes);
}

static void a_copy_belongs_to_its_new_segment(void **state)
{
	size_t nbytes;
	uint8_t *bytes = written(&nbytes);
	struct journal_record r, again;

	(void)state;
	assert_true(journal_record_parse(&r, bytes, nbytes, SEGMENT, KEY));
	r.segment = 8;
	journal_record_reseal(&r, bytes, KEY);
	assert_false(journal_record_parse(&again, bytes, nbytes, SEGMENT, KEY));
	assert_true(journal_record_parse(&again, bytes, nbytes, 8, KEY));
	assert_int_equal(again.checksum, r.checksum);
	assert_int_equal(again.previous, 4);
	free(bytes);
}

/* ---- files ---- */

/* Checks that the file has a header that begins with `head` and zeroes up to the checksum at its
 * end, and then the blocks. */
static void file_is(const char *path, const void *head, size_t nhead, const char *checksum,
		    const void *blocks, size_t nblocks)
{
	static uint8_t bytes[2 * JOURNAL_BLOCK];
	int fd = open(path, O_RDONLY);

	assert_int_equal(read(fd, bytes, sizeof(bytes)), JOURNAL_BLOCK + nblocks);
	close(fd);
	assert_memory_equal(bytes, head, nhead);
	for (size_t i = nhead; i < JOURNAL_BLOCK - 8; i++)
		assert_int_equal(bytes[i], 0);
	assert_memory_equal(bytes + JOURNAL_BLOCK - 8, checksum, 8);
	assert_memory_equal(bytes + JOURNAL_BLOCK, blocks, nblocks);
}

static void header_fill(struct journal_blocks_out *w, enum journal_blocks_kind kind)
{
	w->header.kind = kind;
	w->header.serial = 0x01020304;
	w->header.sequence = 0x0506070809;
	w->header.log_from = 0x0a0b0c;
	w->header.zone[0] = 1;
	w->header.zone[1] = 'z';
}

static void a_checkpoint_is_these_octets(void **state)
{
	static const uint8_t head[] =
		"WFBK\0\1\0\1\1\2\3\4\0\0\0\0"		/* format, kind, serial */
		"\0\0\0\5\6\7\10\11\0\0\0\0\0\12\13\14" /* sequence, log from */
		"\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\2"	/* records, owners */
		"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\21\144"	/* blocks, octets */
		"\0\3\1z";
	static uint8_t blocks[16 + 340] =
		"\0\0\1\124\0\0\0\0\364\076\116\203\310\254\304\341"
		"\11\5\0\1a\1z\0\0\1\0\0\0\74\4\177\0\0\1" /* all of a record */
		"\16\4\177\0\0\2"			   /* the same but for rdata */
		"\13\2\3\1b\0\1\121\200\0"		   /* the end of the owner, the type */
		"\4\376\335\1\54x";			   /* long rdata */
	static const uint8_t rdata[300] = "x";
	static const struct dns_record records[] = {
		{(const uint8_t *)"\1a\1z", 1, 60, (const uint8_t *)"\177\0\0\1", 4},
		{(const uint8_t *)"\1a\1z", 1, 60, (const uint8_t *)"\177\0\0\2", 4},
		{(const uint8_t *)"\1b\1z", 1, 86400, NULL, 0},
		{(const uint8_t *)"\1b\1z", 65245, 86400, rdata, sizeof(rdata)},
	};
	struct journal_image_out *w = calloc(1, sizeof(*w));
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/octets", folder);
	assert_int_equal(journal_blocks_create(&w->blocks, folder, path, KEY), 0);
	header_fill(&w->blocks, JOURNAL_BLOCKS_CHECKPOINT);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(journal_image_write(w, &records[i]), 0);
	assert_int_equal(journal_blocks_end(&w->blocks), 0);
	free(w);
	file_is(path, head, sizeof(head), "\310\332\154\126\152\045\361\063", blocks,
		sizeof(blocks));
}

static void items_are_these_octets(void **state)
{
	static const uint8_t head[] =
		"WFBK\0\1\0\3\1\2\3\4\0\0\0\0"		/* format, kind, serial */
		"\0\0\0\5\6\7\10\11\0\0\0\0\0\12\13\14" /* sequence, log from */
		"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0"	/* items, owners */
		"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\20\37"	/* blocks, octets */
		"\0\3\1z";
	static const uint8_t blocks[] = "\0\0\0\17\0\0\0\0\126\333\144\003\324\132\310\266"
					"\11\0\3\0\0\0\5keybytes";
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct journal_items live = {0};
	struct journal_blocks_out *w = calloc(1, sizeof(*w));
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/octets", folder);
	assert_int_equal(journal_items_prepare(&live, items, 2), 0);
	journal_items_commit(&live, items, 2);
	assert_int_equal(journal_blocks_create(w, folder, path, KEY), 0);
	header_fill(w, JOURNAL_BLOCKS_ITEMS);
	assert_int_equal(journal_items_write(&live, &lock, w), 0);
	assert_int_equal(journal_blocks_end(w), 0);
	free(w);
	journal_items_fini(&live);
	file_is(path, head, sizeof(head), "\033\343\137\061\325\047\003\070", blocks,
		sizeof(blocks) - 1);
}

/* ---- images ---- */

enum { IMAGE_RECORDS = 30000 };

static struct dns_record image[IMAGE_RECORDS];
static size_t nread;

static void image_make(void)
{
	static uint8_t owners[IMAGE_RECORDS][64], rdata[65535];
	unsigned host = 0;

	for (size_t i = 0; i < sizeof(rdata); i++)
		rdata[i] = (uint8_t)rnd(256);
	for (size_t i = 0; i < IMAGE_RECORDS; i++) {
		char label[30];
		int n;

		host += rnd(3) > 0;
		n = snprintf(label, sizeof(label), "%s%u", rnd(9) == 0 ? "Long-Name-" : "n", host);
		owners[i][0] = (uint8_t)n;
		memcpy(owners[i] + 1, label, (size_t)n);
		memcpy(owners[i] + 1 + n, host % 7 == 0 ? "\1a\1z" : "\1z", host % 7 == 0 ? 5 : 3);
		image[i].owner = owners[i];
		image[i].type = (uint16_t)(rnd(4) == 0 ? 1 + rnd(3) : 65000);
		image[i].ttl = rnd(4) == 0 ? rnd(INT32_MAX) : 60;
		image[i].nbytes = (uint16_t)(rnd(500) == 0 ? rnd(65536) : rnd(300));
		image[i].rdata = rdata + rnd(65536 - image[i].nbytes);
	}
}

static int compare_record(void *arg, const struct dns_record *r)
{
	const struct dns_record *wanted = &image[nread++];
	size_t n = dns_name_nbytes(wanted->owner);

	(void)arg;
	assert_true(nread <= IMAGE_RECORDS);
	assert_int_equal(dns_name_nbytes(r->owner), n);
	assert_memory_equal(r->owner, wanted->owner, n);
	assert_int_equal(r->type, wanted->type);
	assert_int_equal(r->ttl, wanted->ttl);
	assert_int_equal(r->nbytes, wanted->nbytes);
	assert_memory_equal(r->rdata, wanted->rdata, r->nbytes);
	return 0;
}

static int skip_record(void *arg, const struct dns_record *r)
{
	(void)arg;
	(void)r;
	return 0;
}

static void image_write(const char *path)
{
	struct journal_image_out *w = calloc(1, sizeof(*w));

	assert_int_equal(journal_blocks_create(&w->blocks, folder, path, KEY), 0);
	w->blocks.header.kind = JOURNAL_BLOCKS_CHECKPOINT;
	for (size_t i = 0; i < IMAGE_RECORDS; i++)
		assert_int_equal(journal_image_write(w, &image[i]), 0);
	assert_int_equal(journal_blocks_end(&w->blocks), 0);
	free(w);
}

/* Opens and reads the file. Returns the result. */
static int image_read(const char *path, int (*on_record)(void *, const struct dns_record *))
{
	struct journal_blocks_in in;
	int ret = journal_blocks_open(&in, path, JOURNAL_BLOCKS_CHECKPOINT, KEY);

	if (ret < 0)
		return ret;
	nread = 0;
	ret = journal_image_read(&in, on_record, NULL);
	journal_blocks_close(&in);
	return ret;
}

static void an_image_gives_back_its_records(void **state)
{
	struct journal_blocks_in in;
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/image", folder);
	image_make();
	image_write(path);
	assert_int_equal(image_read(path, compare_record), 0);
	assert_int_equal(nread, IMAGE_RECORDS);
	assert_int_equal(journal_blocks_open(&in, path, JOURNAL_BLOCKS_BASELINE, KEY), -EBADMSG);
	assert_int_equal(journal_blocks_open(&in, path, JOURNAL_BLOCKS_CHECKPOINT, KEY + 1),
			 -EBADMSG);
	assert_int_equal(journal_blocks_open(&in, "/nowhere", JOURNAL_BLOCKS_CHECKPOINT, KEY),
			 -ENOENT);
}

static void a_damaged_image_is_noticed(void **state)
{
	char path[100];
	off_t size;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/image", folder);
	image_make();
	image_write(path);
	fd = open(path, O_RDWR);
	size = lseek(fd, 0, SEEK_END);
	for (int i = 0; i < 60; i++) {
		off_t at = i < 20 ? (off_t)rnd(70) : 4096 + (off_t)rnd((uint32_t)size - 4096);
		uint8_t byte;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 0x10;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_true(image_read(path, skip_record) < 0);
		byte ^= 0x10;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	assert_int_equal(image_read(path, skip_record), 0);
	assert_int_equal(ftruncate(fd, size - 1), 0);
	assert_int_equal(image_read(path, skip_record), -EBADMSG);
	close(fd);
}

/* ---- items ---- */

enum { ITEM_KEYS = 500 };

static uint32_t lengths[ITEM_KEYS]; /* the number of each key's items that are right */

static int compare_item(void *arg, const struct store_item *item)
{
	uint32_t *left = arg;
	uint16_t key = base_load16(item->key);

	assert_int_equal(item->nbytes, lengths[key]);
	assert_true(item->nbytes > 0);
	for (uint32_t i = 0; i < item->nbytes; i++)
		assert_int_equal(item->bytes[i], (uint8_t)(key + i));
	--*left;
	return 0;
}

static void live_items_are_the_last_of_each_key(void **state)
{
	static uint8_t bytes[ITEM_KEYS][3000], keys[ITEM_KEYS][2];
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct journal_items live = {0};
	struct journal_blocks_out *w = calloc(1, sizeof(*w));
	struct journal_blocks_in in;
	uint32_t left = 0;
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/notes", folder);
	for (unsigned key = 0; key < ITEM_KEYS; key++) {
		base_store16(keys[key], (uint16_t)key);
		for (unsigned i = 0; i < sizeof(bytes)[0]; i++)
			bytes[key][i] = (uint8_t)(key + i);
	}
	for (int round = 0; round < 5000; round++) {
		struct store_item some[5];

		for (int i = 0; i < 5; i++) {
			uint16_t key = (uint16_t)rnd(ITEM_KEYS);

			lengths[key] = rnd(3) == 0 ? 0 : 1 + rnd(2999);
			some[i] = (struct store_item){.kind = 2,
						      .key = keys[key],
						      .nkey = 2,
						      .bytes = bytes[key],
						      .nbytes = lengths[key]};
		}
		assert_int_equal(journal_items_prepare(&live, some, 5), 0);
		journal_items_commit(&live, some, 5);
	}
	for (unsigned key = 0; key < ITEM_KEYS; key++)
		left += lengths[key] > 0;
	assert_int_equal(live.count, left);
	assert_int_equal(journal_blocks_create(w, folder, path, KEY), 0);
	w->header.kind = JOURNAL_BLOCKS_ITEMS;
	assert_int_equal(journal_items_write(&live, &lock, w), 0);
	assert_int_equal(journal_blocks_end(w), 0);
	free(w);
	assert_int_equal(journal_blocks_open(&in, path, JOURNAL_BLOCKS_ITEMS, KEY), 0);
	assert_int_equal(journal_items_read(&in, compare_item, &left), 0);
	assert_int_equal(left, 0);
	journal_blocks_close(&in);
	journal_items_fini(&live);
}

/* Names that a peer found by the function and a guessed seed: in one slot if the guess were right,
 * and each look-up would walk over all of them. */
static void items_of_chosen_names_are_spread_over_the_table(void **state)
{
	enum { NAMES = 400, KIND = 3 };
	struct journal_items live = {0};
	size_t longest = 0, run = 0, nfound = 0;

	(void)state;
	for (unsigned i = 0; nfound < NAMES; i++) {
		char name[256];
		struct store_item item = {.kind = KIND,
					  .key = (const uint8_t *)name,
					  .nkey = (uint16_t)sprintf(name, "%x", i),
					  .bytes = (const uint8_t *)"x",
					  .nbytes = 1};

		if ((base_checksum(name, item.nkey, KIND) & 0x3ff) != 0)
			continue;
		nfound++;
		assert_int_equal(journal_items_prepare(&live, &item, 1), 0);
		journal_items_commit(&live, &item, 1);
	}
	for (size_t i = 0; i < live.nslots; i++) {
		run = live.slots[i] == 0 ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	assert_true(longest < NAMES / 4);
	journal_items_fini(&live);
}

static void an_item_that_no_file_could_hold_is_refused(void **state)
{
	static uint8_t bytes[JOURNAL_BLOCK_SIZE];
	struct journal_items live = {0};
	const struct store_item some[] = {
		{.kind = 1, .key = (const uint8_t *)"a", .nkey = 1, .bytes = bytes, .nbytes = 1},
		{.kind = 1,
		 .key = (const uint8_t *)"b",
		 .nkey = 1,
		 .bytes = bytes,
		 .nbytes = sizeof(bytes)},
	};

	(void)state;
	assert_int_equal(journal_items_prepare(&live, some, 2), -EMSGSIZE);
	assert_int_equal(live.count, 0);
	journal_items_fini(&live);
}

/* ---- history ---- */

static void a_serial_is_found_by_the_commits_around_it(void **state)
{
	struct journal_history h = {0};
	struct journal_zone *z = journal_history_get(&h, (const uint8_t *)"\1Z");
	static const struct {
		uint32_t from, to;
		uint64_t sequence;
	} entries[] = {
		{5, 5, 2},
		{5, 6, 4},
		{6, 9, 7},
		{20, 21, 9},
	};
	size_t first;

	(void)state;
	assert_ptr_equal(journal_history_find(&h, (const uint8_t *)"\1z"), z);
	assert_null(journal_history_find(&h, (const uint8_t *)"\1y"));
	assert_int_equal(journal_history_sequence(z, 1, 30), 30);
	for (size_t i = 0; i < 4; i++) {
		const struct journal_entry e = {.from = entries[i].from,
						.to = entries[i].to,
						.sequence = entries[i].sequence};

		assert_int_equal(journal_history_reserve(z, 1), 0);
		journal_history_add(z, &e);
	}
	assert_int_equal(journal_history_sequence(z, 5, 30), 3);
	assert_int_equal(journal_history_sequence(z, 6, 30), 6);
	assert_int_equal(journal_history_sequence(z, 9, 30), 8);
	assert_int_equal(journal_history_sequence(z, 20, 30), 8);
	assert_int_equal(journal_history_sequence(z, 21, 30), 30);
	assert_int_equal(journal_history_sequence(z, 77, 30), 30);
	assert_true(journal_history_since(z, 20, &first));
	assert_int_equal(first, z->first + 3);
	assert_false(journal_history_since(z, 9, &first));
	assert_int_equal(journal_history_unchecked(z)->sequence, 2);
	z->has_checkpoint = true;
	z->checkpoint_sequence = 4;
	assert_int_equal(journal_history_unchecked(z)->sequence, 7);
	z->checkpoint_sequence = 9;
	assert_null(journal_history_unchecked(z));
	journal_history_remove(z, 8);
	assert_int_equal(z->end - z->first, 1);
	journal_history_fini(&h);
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "parts");
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
		cmocka_unit_test(a_record_gives_back_what_was_put_in),
		cmocka_unit_test(a_record_is_these_octets),
		cmocka_unit_test(any_flipped_bit_of_a_record_is_noticed),
		cmocka_unit_test(a_copy_belongs_to_its_new_segment),
		cmocka_unit_test(a_checkpoint_is_these_octets),
		cmocka_unit_test(items_are_these_octets),
		cmocka_unit_test(an_image_gives_back_its_records),
		cmocka_unit_test(a_damaged_image_is_noticed),
		cmocka_unit_test(live_items_are_the_last_of_each_key),
		cmocka_unit_test(items_of_chosen_names_are_spread_over_the_table),
		cmocka_unit_test(an_item_that_no_file_could_hold_is_refused),
		cmocka_unit_test(a_serial_is_found_by_the_commits_around_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
