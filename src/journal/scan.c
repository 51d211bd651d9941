/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Which records count. Segments are read in the order of their numbers, block by block; a block
 * either begins a whole record of this segment or does not. What is done with a record depends on
 * the last one that counts so far:
 *
 * 1. The record names the last one as the one before it: it counts.
 * 2. The record has the sequence number and the predecessor of the last one: it counts instead.
 *    That happens after a commit whose write or sync failed (the failed record may be whole, but
 *    its client got SERVFAIL, and the next commit was made without it), and after a start, which
 *    copies the last record because it may never have been synced.
 * 3. Commits before log_from are not needed, and the record follows a gap among those: what was
 *    found so far are files that had been given back. The record is the first one.
 * 4. Otherwise something is missing before the record. A commit begins only after the sync of the
 *    one before, so no crash explains the gap: it is damage.
 *
 * Blocks without a record after the last record are the end that a crash tore off. */

#include "journal/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/io.h"

static int bytes_reserve(struct journal_scan *s, size_t nbytes)
{
	uint8_t *grown;

	if (nbytes <= s->nbytes)
		return 0;
	grown = realloc(s->bytes, nbytes);
	if (grown == NULL)
		return -ENOMEM;
	s->bytes = grown;
	s->nbytes = nbytes;
	return 0;
}

static struct base_location location_of(const struct journal_scan *s)
{
	return (struct base_location){s->folder, 0};
}

static int found_add(struct journal_scan *s, const struct journal_found *f,
		     struct base_error *error)
{
	if (s->nfound == s->capacity) {
		struct journal_found *grown =
			realloc(s->found, (s->capacity * 2 + 1024) * sizeof(*grown));

		if (grown == NULL)
			return base_error_set_at(error, -ENOMEM, location_of(s), "out of memory");
		s->found = grown;
		s->capacity = s->capacity * 2 + 1024;
	}
	s->found[s->nfound++] = *f;
	return 0;
}

static int fail_at_gap(const struct journal_scan *s, const struct journal_found *f,
		       struct base_error *error)
{
	uint64_t last = s->nfound == 0 ? 0 : s->found[s->nfound - 1].record.sequence;

	return base_error_set_at(error, -EBADMSG, location_of(s),
				 "log-%08" PRIu64 " has commit %" PRIu64 " at byte %" PRIu64
				 ", but what leads to it from commit %" PRIu64
				 " is missing or damaged; " JOURNAL_ADVICE,
				 f->segment->number, f->record.sequence, f->offset, last);
}

/* Applies the rules to the next record. */
static int record_judge(struct journal_scan *s, const struct journal_found *f,
			struct base_error *error)
{
	const struct journal_record *last = s->nfound == 0 ? NULL : &s->found[s->nfound - 1].record;

	if (last == NULL ||
	    (f->record.previous == last->checksum && f->record.sequence == last->sequence + 1))
		return found_add(s, f, error);
	if (f->record.sequence == last->sequence && f->record.previous == last->previous) {
		s->found[s->nfound - 1] = *f;
		return 0;
	}
	if (f->record.sequence > last->sequence && f->record.sequence <= s->log_from) {
		s->nfound = 0;
		return found_add(s, f, error);
	}
	return fail_at_gap(s, f, error);
}

static int segment_scan(struct journal_scan *s, struct journal_segment *segment,
			struct base_error *error)
{
	uint64_t size = segment->size / JOURNAL_BLOCK * JOURNAL_BLOCK, offset = 0;
	struct journal_found f = {.segment = segment};
	int ret = bytes_reserve(s, size);

	if (ret == 0)
		ret = journal_io_read(segment->fd, s->bytes, size, 0);
	if (ret < 0)
		return base_error_set_at(error, ret, location_of(s),
					 "cannot read log-%08" PRIu64 ": %s", segment->number,
					 strerror(-ret));
	while (offset < size && ret == 0) {
		f.offset = offset;
		if (!journal_record_parse(&f.record, s->bytes + offset, size - offset,
					  segment->number, s->key)) {
			offset += JOURNAL_BLOCK;
			continue;
		}
		offset += journal_record_nbytes(&f.record);
		ret = record_judge(s, &f, error);
		segment->last_sequence = f.record.sequence;
		segment->last_time_s = f.record.time_s;
	}
	return ret;
}

static int segments_open(struct journal_scan *s)
{
	uint64_t *numbers;
	size_t count;
	int ret = journal_segment_list(s->folder, &numbers, &count);

	if (ret < 0)
		return ret;
	s->segments = calloc(count + 1, sizeof(*s->segments));
	if (s->segments == NULL)
		ret = -ENOMEM;
	for (; s->nsegments < count && ret == 0; s->nsegments += ret == 0)
		ret = journal_segment_open(&s->segments[s->nsegments], s->folder,
					   numbers[s->nsegments]);
	free(numbers);
	return ret;
}

int journal_scan_segments(struct journal_scan *s, struct base_error *error)
{
	int ret = 0;

	for (size_t i = 0; i < s->nsegments && ret == 0; i++)
		ret = segment_scan(s, s->segments[i], error);
	return ret;
}

int journal_scan_log(struct journal_scan *s, struct base_error *error)
{
	int ret = segments_open(s);

	if (ret < 0)
		return base_error_set_at(error, ret, location_of(s), "cannot open the log: %s",
					 strerror(-ret));
	ret = journal_scan_segments(s, error);
	if (ret == 0 && s->nfound > 0 && s->found[0].record.sequence > s->log_from)
		ret = base_error_set_at(error, -EBADMSG, location_of(s),
					"the log begins with commit %" PRIu64
					", but the commits from %" PRIu64
					" on are needed: log files are missing; restore them from "
					"a copy",
					s->found[0].record.sequence, s->log_from);
	return ret;
}

int journal_scan_read(struct journal_scan *s, const struct journal_found *found)
{
	uint64_t nbytes = journal_record_nbytes(&found->record);
	int ret = bytes_reserve(s, nbytes);

	return ret < 0 ? ret : journal_io_read(found->segment->fd, s->bytes, nbytes, found->offset);
}

void journal_scan_fini(struct journal_scan *s)
{
	for (size_t i = 0; i < s->nsegments; i++)
		journal_segment_close(s->segments[i]);
	free(s->segments);
	free(s->found);
	free(s->bytes);
	*s = (struct journal_scan){0};
}
