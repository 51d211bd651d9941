/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/name.h"
#include "dns/type.h"
#include "hosting/files.h"
#include "hosting/record.h"
#include "text/check.h"
#include "text/zonefile.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/wide.h"
#include "zone/zone.h"

struct reading {
	struct zone_draft *draft;
	struct text_check *check;
	struct zone_limits limits;
	struct base_location location; /* of the record that was read last */
	uint8_t owner[DNS_NAME_MAX];   /* of the last new RRset */
	unsigned ntypes;	       /* new RRsets of `owner` in a row */
	struct hosting_files *files;
	base_report_fn on_report;
	void *arg;
};

static void report(const struct reading *r, enum base_log_level level, struct base_location at,
		   const char *text)
{
	struct base_error error;

	base_error_set_at(&error, -EBADMSG, at, "%s", text);
	r->on_report(r->arg, level, &error);
}

/* Passes what the reader or the check reports to the caller. */
static void pass_on(void *arg, enum base_log_level level, const struct base_error *error)
{
	const struct reading *r = arg;

	r->on_report(r->arg, level, error);
}

/* A set has one TTL (RFC 2181 section 5.2): the lowest of those in the file, as in BIND and NSD.
 * Signatures of several types are one set and rightly have several TTLs (RFC 4034 section 3), so
 * for them there is no warning. `count` is set to the records that the set has already. */
static uint32_t set_ttl(struct reading *r, const struct dns_record *record, uint32_t *count)
{
	struct zone_rrset set;
	bool is_there = zone_draft_measure(r->draft, record->owner, record->type, &set);
	uint32_t before = is_there ? set.ttl : record->ttl;

	*count = is_there ? set.count : 0;
	if (before != record->ttl && record->type != DNS_TYPE_RRSIG)
		report(r, BASE_LOG_WARNING, r->location,
		       "the TTL differs from that of the RRset, the lowest is used for all its "
		       "records");
	return before < record->ttl ? before : record->ttl;
}

/* Ends the reading: each further record of the name would be over the limit, too. */
static int report_over(const struct reading *r, const struct dns_record *record,
		       enum zone_limit over)
{
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], limit[ZONE_LIMIT_TEXT_MAX];
	struct base_error error;

	dns_name_to_text(owner, record->owner);
	dns_type_to_text(type, record->type);
	base_error_set_at(&error, -EBADMSG, r->location, "%s %s makes %s", owner, type,
			  zone_limit_text(limit, over, &r->limits));
	r->on_report(r->arg, BASE_LOG_ERROR, &error);
	return -EBADMSG;
}

static void report_wide(const struct reading *r, const struct dns_record *record, uint16_t type)
{
	const struct zone_wide wide = {.owner = record->owner, .type = type};
	char text[ZONE_WIDE_TEXT_MAX];

	report(r, BASE_LOG_WARNING, r->location, zone_wide_text(text, &wide));
}

/* Warns of a name that a record has made wide, once for each RRset. `before` is the number of
 * records that the set had. Types are counted while they follow each other in the file. */
static void check_width(struct reading *r, const struct dns_record *record, uint32_t before)
{
	size_t nbytes;
	struct zone_rrset set;

	if (before > 0) {
		if (before == ZONE_WIDE_RECORDS &&
		    zone_draft_measure(r->draft, record->owner, record->type, &set) &&
		    set.count > before)
			report_wide(r, record, record->type);
		return;
	}
	nbytes = dns_name_nbytes(record->owner);
	if (memcmp(r->owner, record->owner, nbytes) != 0) {
		memcpy(r->owner, record->owner, nbytes);
		r->ntypes = 0;
	}
	if (++r->ntypes == ZONE_WIDE_TYPES + 1)
		report_wide(r, record, 0);
}

static int read_record(void *arg, const struct dns_record *record)
{
	struct reading *r = arg;
	enum zone_limit over = ZONE_LIMIT_NONE;
	uint32_t count = 0;
	int ret = text_check_record(r->check, record, &r->location);

	if (ret == 0)
		ret = hosting_record_add(r->draft, &r->limits, record, set_ttl(r, record, &count),
					 &over);
	if (ret == -E2BIG)
		ret = report_over(r, record, over);
	if (ret > 0)
		check_width(r, record, count);
	return ret < 0 ? ret : 0;
}

static void read_opened(void *arg, const char *path, const struct stat *st)
{
	struct reading *r = arg;

	if (r->files != NULL)
		hosting_files_add(r->files, path, st);
}

/* What the check reads the whole zone from. */
struct reader {
	const struct zone_snapshot *zone;
	struct zone_cursor *cursor;
};

static bool reader_has(void *arg, const uint8_t *owner, uint16_t type)
{
	struct reader *v = arg;

	return zone_snapshot_has(v->zone, owner, type);
}

static bool reader_next(void *arg, struct dns_record *record)
{
	struct reader *v = arg;

	return zone_cursor_next(v->cursor, record);
}

/* Checks the records of the sealed draft against each other. */
static int check_sealed(struct reading *r, enum text_check_extent extent)
{
	const struct zone_snapshot *s = zone_draft_sealed(r->draft);
	struct reader v = {.zone = s, .cursor = zone_cursor_new(s)};
	struct text_check_reader reader = {.has = reader_has, .next = reader_next, .arg = &v};
	unsigned errors;

	if (v.cursor == NULL)
		return -ENOMEM;
	errors = text_check_finish(r->check, &reader, extent);
	zone_cursor_free(v.cursor);
	return errors > 0 ? -EBADMSG : 0;
}

/* Returns how many SOAs were read. */
static uint32_t soa_count(const struct reading *r, const struct zone *zone)
{
	struct zone_rrset soa;

	return zone_draft_find(r->draft, zone_name(zone), DNS_TYPE_SOA, &soa) ? soa.count : 0;
}

/* Seals what was read, checks it as a whole, and publishes it if it is valid. A version needs a
 * SOA. */
static int publish_read(struct reading *r, struct zone *zone, const char *file)
{
	uint32_t count = soa_count(r, zone);
	int ret;

	if (count != 1) {
		report(r, BASE_LOG_ERROR, (struct base_location){file, 0},
		       count == 0 ? "no SOA record at the zone's name"
				  : "more than one SOA record");
		return -EBADMSG;
	}
	ret = zone_draft_seal(r->draft, NULL);
	if (ret > 0)
		ret = check_sealed(r, TEXT_CHECK_WHOLE);
	if (ret < 0)
		return ret;
	zone_draft_publish(r->draft);
	r->draft = NULL;
	return 0;
}

/* Some lines are invalid: what the others say is checked all the same, so that all errors are
 * reported at once. */
static void check_rest(struct reading *r, struct zone *zone)
{
	static const uint8_t soa[22]; /* takes the place of one that could not be read */
	struct dns_record record = {.owner = zone_name(zone),
				    .type = DNS_TYPE_SOA,
				    .rdata = soa,
				    .nbytes = sizeof(soa)};
	uint32_t count = soa_count(r, zone);

	if (count == 0 && zone_draft_add(r->draft, record.owner, DNS_TYPE_SOA, 0, record.rdata,
					 record.nbytes) < 0)
		return;
	if (count <= 1 && zone_draft_seal(r->draft, NULL) > 0)
		check_sealed(r, TEXT_CHECK_PART);
}

/* BIND keeps the updates that it has not yet written to the zone file in FILE.jnl. */
static void report_journal(const struct reading *r, const char *file)
{
	struct base_error error;
	char *path;

	if (asprintf(&path, "%s.jnl", file) < 0)
		return;
	if (access(path, F_OK) == 0) {
		base_error_set_at(&error, -EEXIST, (struct base_location){file, 0},
				  "%s is there: updates in BIND's journal are not read; have BIND "
				  "write them to the zone file by rndc sync -clean, or remove the "
				  "journal",
				  path);
		r->on_report(r->arg, BASE_LOG_WARNING, &error);
	}
	free(path);
}

int hosting_load(struct zone *zone, const char *file, struct hosting_files *files,
		 base_report_fn on_report, void *arg)
{
	struct reading r = {.limits = zone_get_limits(zone),
			    .files = files,
			    .on_report = on_report,
			    .arg = arg};
	struct text_reader reader = {
		.origin = zone_name(zone),
		.on_record = read_record,
		.on_report = pass_on,
		.on_opened = read_opened,
		.arg = &r,
		.location = &r.location,
	};
	int ret = -ENOMEM;

	report_journal(&r, file);
	r.draft = zone_draft_new(zone);
	r.check = text_check_new(zone_name(zone), file, pass_on, &r);
	if (r.draft != NULL && r.check != NULL)
		ret = text_zonefile_read(file, &reader);
	if (ret == 0)
		ret = publish_read(&r, zone, file);
	else if (ret == -EBADMSG)
		check_rest(&r, zone);
	if (r.draft != NULL)
		zone_draft_abort(r.draft);
	text_check_free(r.check);
	/* What keeps a file from being read has been reported, as its errors have. */
	return ret < 0 && ret != -ENOMEM ? -EBADMSG : ret;
}
