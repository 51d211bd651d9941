/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "offline/export.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "journal/image.h"
#include "journal/path.h"
#include "journal/scan.h"
#include "offline/look.h"
#include "zone/changeset.h"

enum { ARENA_BLOCK = 1 << 20 };

/* One record removed or added by a changeset, or present in the checkpoint. */
struct step {
	struct dns_record record;
	bool is_addition;
	size_t order;
};

/* The zone being put together: changes sorted by owner, merged with the checkpoint as it is read.
 */
struct export
{
	struct offline_look look;
	const uint8_t *zone;
	const struct offline_export_reader *reader;
	struct base_arena arena;       /* of all steps */
	struct base_arena group_arena; /* of the owner being worked on */
	struct step *steps;
	size_t nsteps, capacity, next;
	struct step
		*group; /* the steps of one owner: its records in the checkpoint, then the log */
	size_t ngroup, group_capacity;
	bool is_known;
	uint64_t from; /* commits up to this one are in the checkpoint */
};

static void problem_report(const struct export *x, int code, const char *text)
{
	struct base_error error;

	base_error_set_at(&error, code, (struct base_location){x->look.folder, 0}, "%s", text);
	x->reader->on_problem(x->reader->arg, BASE_LOG_ERROR, &error);
}

static int step_add(struct step **steps, size_t *count, size_t *capacity, struct base_arena *arena,
		    const struct dns_record *record, bool is_addition)
{
	struct step s = {.record = *record, .is_addition = is_addition, .order = *count};
	struct step *grown = base_grow(*steps, *count, capacity, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	*steps = grown;
	s.record.owner = base_arena_copy(arena, record->owner, dns_name_nbytes(record->owner));
	s.record.rdata = base_arena_copy(arena, record->rdata, record->nbytes);
	if (s.record.owner == NULL || s.record.rdata == NULL)
		return -ENOMEM;
	(*steps)[(*count)++] = s;
	return 0;
}

static int by_owner(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	int d = dns_name_compare(x->record.owner, y->record.owner);

	return d != 0 ? d : (x->order > y->order) - (x->order < y->order);
}

static bool is_same(const struct dns_record *a, const struct dns_record *b)
{
	/* There is one SOA; each replaces the one before. */
	return a->type == b->type &&
	       (a->type == DNS_TYPE_SOA ||
		dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes) == 0);
}

/* Hands on those records of an owner whose last step is an addition. */
static int group_write(struct export *x)
{
	int ret = 0;

	for (size_t i = 0; i < x->ngroup && ret == 0; i++) {
		bool is_last = x->group[i].is_addition;

		for (size_t k = i + 1; k < x->ngroup && is_last; k++)
			is_last = !is_same(&x->group[i].record, &x->group[k].record);
		if (is_last)
			ret = x->reader->on_record(x->reader->arg, &x->group[i].record);
	}
	x->ngroup = 0;
	base_arena_reset(&x->group_arena);
	return ret;
}

static int group_step(struct export *x, const struct dns_record *record, bool is_addition)
{
	return step_add(&x->group, &x->ngroup, &x->group_capacity, &x->group_arena, record,
			is_addition);
}

/* Adds the steps that the log has for the owner of the group, and writes the group. */
static int group_end(struct export *x)
{
	int ret = 0;

	if (x->ngroup == 0)
		return 0;
	while (ret == 0 && x->next < x->nsteps &&
	       dns_name_compare(x->steps[x->next].record.owner, x->group[0].record.owner) == 0) {
		ret = group_step(x, &x->steps[x->next].record, x->steps[x->next].is_addition);
		x->next++;
	}
	return ret < 0 ? ret : group_write(x);
}

/* Writes the owners before `owner` (NULL: all) that only the log has. */
static int owners_write(struct export *x, const uint8_t *owner)
{
	int ret = 0;

	while (ret == 0 && x->next < x->nsteps &&
	       (owner == NULL || dns_name_compare(x->steps[x->next].record.owner, owner) < 0)) {
		const struct step *s = &x->steps[x->next++];

		ret = group_step(x, &s->record, s->is_addition);
		if (ret == 0)
			ret = group_end(x);
	}
	return ret;
}

static int export_record(void *arg, const struct dns_record *record)
{
	struct export *x = arg;
	int ret = 0;

	if (x->ngroup > 0 && !dns_name_equal(x->group[0].record.owner, record->owner))
		ret = group_end(x);
	if (ret == 0 && x->ngroup == 0)
		ret = owners_write(x, record->owner);
	return ret < 0 ? ret : group_step(x, record, true);
}

static int part_take(struct export *x, const uint8_t *bytes, size_t nbytes, bool is_addition)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record record;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &record)) {
		if (is_addition || record.type != DNS_TYPE_SOA)
			ret = step_add(&x->steps, &x->nsteps, &x->capacity, &x->arena, &record,
				       is_addition);
	}
	return b.has_failed ? -EBADMSG : ret;
}

/* Takes the zone's changes out of a record of the log. */
static int record_take(struct export *x, struct journal_scan *scan, const struct journal_found *f)
{
	struct journal_payload p;
	struct store_change change;
	bool is_removal;
	int ret = journal_scan_read(scan, f);

	if (ret < 0)
		return ret;
	p = journal_payload_of(&f->record, scan->bytes);
	while (ret == 0 && journal_payload_change(&p, &change, &is_removal)) {
		const struct zone_changeset *c = &change.changes;

		if (!dns_name_equal(change.zone, x->zone))
			continue;
		x->is_known = !is_removal;
		if (f->record.sequence <= x->from)
			continue;
		if (is_removal) {
			x->nsteps = 0;
			x->from = f->record.sequence;
		} else {
			ret = part_take(x, c->removed, c->nremoved_bytes, false);
			if (ret == 0)
				ret = part_take(x, c->added, c->nadded_bytes, true);
		}
	}
	return ret;
}

static int log_take(struct export *x)
{
	struct offline_look *l = &x->look;
	struct journal_scan scan = {.folder = l->folder, .key = l->key, .log_from = l->log_from};
	struct base_error error;
	int ret = journal_scan_log(&scan, &error);

	if (ret < 0) {
		x->reader->on_problem(x->reader->arg, BASE_LOG_ERROR, &error);
		problem_report(x, ret, "of the log only the changes before the damage are here");
	}
	offline_look_add(l, ret);
	ret = 0;
	for (size_t i = 0; i < scan.nfound && ret == 0; i++)
		ret = record_take(x, &scan, &scan.found[i]);
	journal_scan_fini(&scan);
	return ret;
}

/* Opens the zone's baseline and skips its identity. */
static int baseline_open(struct export *x, struct journal_blocks_in *in)
{
	char path[JOURNAL_PATH_MAX];
	const uint8_t *identity;
	size_t nidentity;
	int ret;

	journal_path_of_zone(path, x->look.folder, x->zone, "base");
	ret = journal_blocks_open(in, path, JOURNAL_BLOCKS_BASELINE, x->look.key);
	if (ret < 0 || in->header.serial == 0)
		return ret;
	ret = journal_blocks_next(in, &identity, &nidentity);
	if (ret > 0)
		return 0;
	journal_blocks_close(in);
	return ret < 0 ? ret : -EBADMSG;
}

/* Opens the file that the zone's changes apply to: its checkpoint, or, as long as it has none, its
 * baseline. */
static int image_open(struct export *x, struct journal_blocks_in *in)
{
	char path[JOURNAL_PATH_MAX];
	int ret;

	journal_path_of_zone(path, x->look.folder, x->zone, "checkpoint");
	ret = journal_blocks_open(in, path, JOURNAL_BLOCKS_CHECKPOINT, x->look.key);
	if (ret == -ENOENT)
		return baseline_open(x, in);
	if (ret == 0)
		x->from = in->header.sequence;
	return ret;
}

/* Hands on the records of what was opened, with the changes since. */
static int image_write(struct export *x, struct journal_blocks_in *in)
{
	int ret = journal_image_read(in, export_record, x);

	x->is_known = true;
	if (ret == -EBADMSG)
		problem_report(x, ret,
			       "the checkpoint is damaged: records after this one are missing");
	offline_look_add(&x->look, ret);
	return group_end(x);
}

static int zone_write(struct export *x)
{
	struct journal_blocks_in in;
	int opened = image_open(x, &in), ret;

	if (opened < 0 && opened != -ENOENT) {
		problem_report(x, opened,
			       "the checkpoint cannot be read: only the changes of the log "
			       "are here");
		offline_look_add(&x->look, opened);
	}
	ret = log_take(x);
	if (x->nsteps > 0)
		qsort(x->steps, x->nsteps, sizeof(*x->steps), by_owner);
	if (opened == 0) {
		/* A checkpoint that is older than the zone's removal does not count. */
		if (ret == 0 && in.header.sequence >= x->from)
			ret = image_write(x, &in);
		journal_blocks_close(&in);
	}
	return ret < 0 ? ret : owners_write(x, NULL);
}

int offline_export(const char *folder, const uint8_t *zone,
		   const struct offline_export_reader *reader)
{
	struct export x = {.zone = zone, .reader = reader};
	struct base_error error;
	int ret = offline_look_begin(&x.look, folder, &error);

	if (ret < 0) {
		reader->on_problem(reader->arg, BASE_LOG_ERROR, &error);
		return ret;
	}
	base_arena_init(&x.arena, ARENA_BLOCK);
	base_arena_init(&x.group_arena, ARENA_BLOCK);
	ret = zone_write(&x);
	if (ret == 0)
		ret = x.look.worst;
	if (ret == 0 && !x.is_known)
		ret = -ENOENT;
	base_arena_fini(&x.group_arena);
	base_arena_fini(&x.arena);
	free(x.group);
	free(x.steps);
	offline_look_end(&x.look);
	return ret;
}
