/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Recovery:
 *
 * 1. The headers of all checkpoints and of the items' file are read: up to which commit each goes,
 *    and which commits the log must still hold.
 * 2. The log is read (journal/scan.c), and its changes are entered in the index. A zone that the
 *    log forgets loses everything older.
 * 3. The log must reach as far as the checkpoints and the items' file, else its end was lost.
 * 4. Everything is handed to the caller: the checkpoints, the items of the items' file, then commit
 *    by commit the changes and items that those do not contain.
 * 5. The files of segments without records are used again, and the last segment is continued with a
 *    copy of the last record. */

#include "journal/recover.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "journal/commit.h"
#include "journal/image.h"
#include "journal/log.h"
#include "journal/path.h"
#include "journal/reclaim.h"
#include "journal/scan.h"
#include "journal/system.h"

struct recovery {
	struct journal *j;
	const struct store_recovery *reader; /* gets what is read */
	struct journal_scan scan;
	struct base_error *error;
};

static int fail(struct recovery *r, int code, const char *file, const char *what)
{
	return base_error_set_at(r->error, code, (struct base_location){r->j->folder, 0}, "%s %s",
				 file, what);
}

/* Describes an error of opening or reading a file of blocks. */
static int fail_of_file(struct recovery *r, int code, const char *file)
{
	if (code == -EPROTO)
		return fail(r, code, file,
			    "has a newer format: use the version of weft that wrote it, or a later "
			    "one");
	if (code == -EBADMSG)
		return fail(r, code, file, "is damaged; " JOURNAL_ADVICE);
	return base_error_set_at(r->error, code, (struct base_location){r->j->folder, 0},
				 "cannot read %s: %s", file, strerror(-code));
}

/* ---- 1: the headers ---- */

static int items_header(struct recovery *r, const char *path, const char *file)
{
	struct journal_blocks_in in;
	int ret = journal_blocks_open(&in, path, JOURNAL_BLOCKS_ITEMS, r->j->key);

	if (ret < 0)
		return fail_of_file(r, ret, file);
	r->j->items_sequence = in.header.sequence;
	r->j->log_from = in.header.log_from;
	journal_blocks_close(&in);
	return 0;
}

static int checkpoint_header(struct recovery *r, const char *path, const char *file)
{
	struct journal_blocks_in in;
	struct journal_zone *z;
	int ret = journal_blocks_open(&in, path, JOURNAL_BLOCKS_CHECKPOINT, r->j->key);

	if (ret < 0)
		return fail_of_file(r, ret, file);
	z = journal_history_get(&r->j->history, in.header.zone);
	if (z == NULL) {
		ret = base_error_set(r->error, -ENOMEM, "out of memory");
	} else {
		z->has_checkpoint = true;
		z->checkpoint_serial = in.header.serial;
		z->checkpoint_sequence = in.header.sequence;
	}
	journal_blocks_close(&in);
	return ret;
}

static int file_header(struct recovery *r, const char *file)
{
	char path[JOURNAL_PATH_MAX];

	journal_path_of(path, r->j->folder, file);
	if (strcmp(file, "notes.checkpoint") == 0)
		return items_header(r, path, file);
	if (journal_path_has_suffix(file, ".checkpoint"))
		return checkpoint_header(r, path, file);
	/* A crash came before the file was renamed. */
	if (journal_path_has_suffix(file, ".checkpoint.new") ||
	    journal_path_has_suffix(file, ".base.new") ||
	    journal_path_has_suffix(file, ".base-next.new") || strcmp(file, "format.new") == 0)
		journal_system.unlink(path);
	return 0;
}

static int headers_read(struct recovery *r)
{
	DIR *dir = opendir(r->j->folder);
	const struct dirent *entry;
	int ret = 0;

	if (dir == NULL)
		return fail_of_file(r, -errno, "the folder");
	while (ret == 0 && (entry = readdir(dir)) != NULL)
		ret = file_header(r, entry->d_name);
	closedir(dir);
	return ret;
}

/* ---- 2 and 3: the log ---- */

static int changes_enter(struct recovery *r, const struct journal_found *f)
{
	struct journal_payload p = journal_payload_of(&f->record, r->scan.bytes);
	struct journal_entry e = {.segment = f->segment,
				  .offset = f->offset,
				  .nbytes = journal_record_nbytes(&f->record),
				  .sequence = f->record.sequence};
	struct store_change change;
	bool is_removal;

	while (journal_payload_change(&p, &change, &is_removal)) {
		struct journal_zone *z = journal_history_get(&r->j->history, change.zone);

		if (z == NULL || journal_history_reserve(z, 1) < 0)
			return base_error_set(r->error, -ENOMEM, "out of memory");
		e.from = change.changes.from;
		e.to = change.changes.to;
		if (is_removal)
			journal_history_remove(z, e.sequence);
		else
			journal_history_add(z, &e);
	}
	return 0;
}

static int log_read(struct recovery *r)
{
	int ret = journal_scan_log(&r->scan, r->error);

	for (size_t i = 0; i < r->scan.nfound && ret == 0; i++) {
		ret = journal_scan_read(&r->scan, &r->scan.found[i]);
		ret = ret < 0 ? fail_of_file(r, ret, "the log")
			      : changes_enter(r, &r->scan.found[i]);
	}
	return ret;
}

static void leftover_baseline_remove(struct journal *j, const struct journal_zone *z,
				     const char *suffix)
{
	char path[JOURNAL_PATH_MAX];
	struct journal_blocks_in in;

	journal_path_of_zone(path, j->folder, z->name, suffix);
	if (journal_blocks_open(&in, path, JOURNAL_BLOCKS_BASELINE, j->key) < 0)
		return;
	if (in.header.sequence < z->removed_sequence)
		journal_system.unlink(path);
	journal_blocks_close(&in);
}

/* Removes the files of a forgotten zone that a crash left behind. */
static void leftovers_remove(struct journal *j, const struct journal_zone *z)
{
	char path[JOURNAL_PATH_MAX];

	if (z->removed_sequence == 0)
		return;
	journal_path_of_zone(path, j->folder, z->name, "checkpoint");
	if (!z->has_checkpoint)
		journal_system.unlink(path);
	leftover_baseline_remove(j, z, "base");
	leftover_baseline_remove(j, z, "base-next");
}

static int end_check(struct recovery *r)
{
	struct journal *j = r->j;
	uint64_t last = r->scan.nfound == 0 ? 0 : r->scan.found[r->scan.nfound - 1].record.sequence;
	uint64_t known = j->items_sequence;

	for (const struct journal_zone *z = j->history.zones; z != NULL; z = z->next) {
		leftovers_remove(j, z);
		if (z->has_checkpoint && z->checkpoint_sequence > known)
			known = z->checkpoint_sequence;
	}
	if (known <= last)
		return 0;
	return base_error_set_at(r->error, -EBADMSG, (struct base_location){j->folder, 0},
				 "the log ends with commit %" PRIu64 ", but commit %" PRIu64
				 " was durable: the end of the log is lost; " JOURNAL_ADVICE,
				 last, known);
}

/* ---- 4: handing on ---- */

/* Hands a zone's checkpoint to the caller. */
static int checkpoint_read(struct recovery *r, const struct journal_zone *z)
{
	char path[JOURNAL_PATH_MAX];
	struct journal_blocks_in in;
	int ret;

	journal_path_of_zone(path, r->j->folder, z->name, "checkpoint");
	ret = journal_blocks_open(&in, path, JOURNAL_BLOCKS_CHECKPOINT, r->j->key);
	if (ret < 0)
		return fail_of_file(r, ret, strrchr(path, '/') + 1);
	ret = r->reader->on_checkpoint(r->reader->arg, z->name, in.header.serial, in.header.nitems,
				       in.header.nowners);
	if (ret == 0) {
		ret = journal_image_read(&in, r->reader->on_record, r->reader->arg);
		if (ret == -EBADMSG || ret == -EIO)
			fail_of_file(r, ret, strrchr(path, '/') + 1);
	}
	if (ret == 0)
		ret = r->reader->on_checkpoint_end(r->reader->arg, z->name);
	journal_blocks_close(&in);
	return ret;
}

static int item_read(void *arg, const struct store_item *item)
{
	struct recovery *r = arg;
	int ret = journal_items_prepare(&r->j->items, item, 1);

	if (ret < 0)
		return fail_of_file(r, ret, "the items");
	journal_items_commit(&r->j->items, item, 1);
	return r->reader->on_item(r->reader->arg, item);
}

static int items_read(struct recovery *r)
{
	char path[JOURNAL_PATH_MAX];
	struct journal_blocks_in in;
	int ret;

	journal_path_of(path, r->j->folder, "notes.checkpoint");
	ret = journal_blocks_open(&in, path, JOURNAL_BLOCKS_ITEMS, r->j->key);
	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return fail_of_file(r, ret, "notes.checkpoint");
	ret = journal_items_read(&in, item_read, r);
	if (ret == -EBADMSG)
		fail_of_file(r, ret, "notes.checkpoint");
	journal_blocks_close(&in);
	return ret;
}

/* Hands on a change, unless the zone's checkpoint contains it. The first change after a checkpoint
 * must begin with the serial of the checkpoint. */
static int change_read(struct recovery *r, const struct journal_found *f,
		       const struct store_change *change)
{
	struct journal_zone *z = journal_history_find(&r->j->history, change->zone);
	const struct journal_entry *first = journal_history_unchecked(z);

	if (f->record.sequence <= z->removed_sequence ||
	    (z->has_checkpoint && f->record.sequence <= z->checkpoint_sequence))
		return 0;
	if (z->has_checkpoint && first->sequence == f->record.sequence &&
	    first->from != z->checkpoint_serial)
		return base_error_set_at(
			r->error, -EBADMSG, (struct base_location){r->j->folder, 0},
			"the log has a change from serial %" PRIu32 " to %" PRIu32
			" of a zone whose checkpoint has serial %" PRIu32
			": the files do not belong together; restore the folder from a copy",
			first->from, first->to, z->checkpoint_serial);
	return r->reader->on_change(r->reader->arg, change);
}

static int record_read(struct recovery *r, const struct journal_found *f)
{
	struct journal_payload p;
	struct store_change change;
	struct store_item item;
	bool is_removal;
	int ret = journal_scan_read(&r->scan, f);

	if (ret < 0)
		return fail_of_file(r, ret, "the log");
	p = journal_payload_of(&f->record, r->scan.bytes);
	while (ret == 0 && journal_payload_change(&p, &change, &is_removal))
		ret = is_removal ? 0 : change_read(r, f, &change);
	while (ret == 0 && f->record.sequence > r->j->items_sequence &&
	       journal_payload_item(&p, &item))
		ret = item_read(r, &item);
	return ret;
}

static int all_read(struct recovery *r)
{
	uint64_t from = journal_history_needed(&r->j->history, r->j->items_sequence + 1);
	int ret = 0;

	for (const struct journal_zone *z = r->j->history.zones; z != NULL && ret == 0; z = z->next)
		if (z->has_checkpoint)
			ret = checkpoint_read(r, z);
	if (ret == 0)
		ret = items_read(r);
	for (size_t i = 0; i < r->scan.nfound && ret == 0; i++)
		if (r->scan.found[i].record.sequence >= from)
			ret = record_read(r, &r->scan.found[i]);
	return ret;
}

/* ---- 5: continuing ---- */

/* Segments with records make up the log. The files of the others are used again or removed. */
static void segments_take_over(struct recovery *r)
{
	struct journal *j = r->j;

	for (size_t i = 0; i < r->scan.nsegments; i++) {
		struct journal_segment *s = r->scan.segments[i];

		r->scan.segments[i] = NULL;
		j->next_number = s->number + 1;
		if (s->last_sequence > 0)
			journal_log_add(j, s);
		else if (!journal_log_add_spare(j, s))
			journal_segment_remove(s, j->folder);
	}
}

static void tail_take_over(struct recovery *r)
{
	const struct journal_found *f = &r->scan.found[r->scan.nfound - 1];
	struct journal *j = r->j;

	j->sequence = f->record.sequence;
	j->checksum = f->record.checksum;
	j->last = j->tail = f->segment;
	j->tail_offset = f->offset;
	j->tail_nbytes = journal_record_nbytes(&f->record);
	j->is_tail_unsure = true;
}

int journal_recover(struct store *s, const struct store_recovery *reader, struct base_error *error)
{
	struct journal *j = journal_of(s);
	struct recovery r = {.j = j, .reader = reader, .error = error};
	int ret;

	r.scan.folder = j->folder;
	r.scan.key = j->key;
	ret = headers_read(&r);
	r.scan.log_from = j->log_from;
	if (ret == 0)
		ret = log_read(&r);
	if (ret == 0)
		ret = end_check(&r);
	if (ret == 0)
		ret = all_read(&r);
	if (ret == -ENOMEM)
		base_error_set_at(error, ret, (struct base_location){j->folder, 0},
				  "out of memory");
	if (ret != 0) {
		journal_history_fini(
			&j->history); /* refers to the segments, which are closed now */
		journal_scan_fini(&r.scan);
		return ret;
	}
	segments_take_over(&r);
	if (r.scan.nfound > 0)
		tail_take_over(&r);
	journal_scan_fini(&r.scan);
	/* A disk that cannot be written now does not prevent reading: the first commit tries again.
	 */
	journal_commit_continue(j);
	j->items_position = journal_log_end(j);
	ret = journal_reclaim_start(j);
	if (ret < 0)
		return base_error_set_at(error, ret, (struct base_location){j->folder, 0},
					 "cannot start the thread of the store: %s",
					 strerror(-ret));
	return 0;
}
