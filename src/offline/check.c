/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "offline/check.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dns/rdata.h"
#include "journal/image.h"
#include "journal/items.h"
#include "journal/path.h"
#include "journal/scan.h"
#include "offline/look.h"

static int count_record(void *arg, const struct dns_record *record)
{
	uint64_t *ninvalid = arg;

	*ninvalid += !dns_rdata_is_laid_out(record->type, record->rdata, record->nbytes);
	return 0;
}

static int count_item(void *arg, const struct store_item *item)
{
	(void)item;
	++*(uint64_t *)arg;
	return 0;
}

/* Reads a file whose header was read to its end. Returns 0 or a negative errno. */
static int content_check(struct journal_blocks_in *in)
{
	const uint8_t *identity;
	size_t nidentity;
	uint64_t n = 0;
	int ret = 0;

	if (in->header.kind == JOURNAL_BLOCKS_ITEMS)
		return journal_items_read(in, count_item, &n);
	if (in->header.kind == JOURNAL_BLOCKS_BASELINE && in->header.serial > 0)
		ret = journal_blocks_next(in, &identity, &nidentity);
	if (ret >= 0)
		ret = journal_image_read(in, count_record, &n);
	return ret == 0 && n > 0 ? -EBADMSG : ret;
}

/* Reads a file of that kind and reports its zone and state in one line. */
static int file_check(const struct offline_look *l, const char *file, enum journal_blocks_kind kind,
		      FILE *out)
{
	char path[JOURNAL_PATH_MAX], zone[DNS_NAME_TEXT_MAX];
	struct journal_blocks_in in;
	int ret;

	journal_path_of(path, l->folder, file);
	ret = journal_blocks_open(&in, path, kind, l->key);
	if (ret < 0) {
		fprintf(out, "%s: %s\n", file, ret == -EBADMSG ? "damaged" : strerror(-ret));
		return ret;
	}
	ret = content_check(&in);
	dns_name_to_text(zone, in.header.zone);
	fprintf(out, "%s: zone %s, up to commit %" PRIu64 ", %" PRIu64 " entries: %s\n", file, zone,
		in.header.sequence, in.header.nitems, ret == 0 ? "intact" : "damaged");
	journal_blocks_close(&in);
	return ret;
}

static void files_check(struct offline_look *l, FILE *out)
{
	DIR *dir = opendir(l->folder);
	const struct dirent *entry;

	if (dir == NULL) {
		offline_look_add(l, -errno);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		const char *file = entry->d_name;

		if (strcmp(file, "notes.checkpoint") == 0)
			offline_look_add(l, file_check(l, file, JOURNAL_BLOCKS_ITEMS, out));
		else if (journal_path_has_suffix(file, ".checkpoint"))
			offline_look_add(l, file_check(l, file, JOURNAL_BLOCKS_CHECKPOINT, out));
		else if (journal_path_has_suffix(file, ".base"))
			offline_look_add(l, file_check(l, file, JOURNAL_BLOCKS_BASELINE, out));
	}
	closedir(dir);
}

static void log_check(struct offline_look *l, FILE *out)
{
	struct journal_scan scan = {.folder = l->folder, .key = l->key, .log_from = l->log_from};
	struct base_error error;
	int ret = journal_scan_log(&scan, &error);

	if (scan.nfound > 0)
		fprintf(out, "log: %zu segments, commits %" PRIu64 " to %" PRIu64 ": %s\n",
			scan.nsegments, scan.found[0].record.sequence,
			scan.found[scan.nfound - 1].record.sequence,
			ret == 0 ? "intact" : "damaged after them");
	else
		fprintf(out, "log: %zu segments, no commits\n", scan.nsegments);
	if (ret < 0)
		fprintf(out, "%s: %s\n", l->folder, error.text);
	offline_look_add(l, ret);
	journal_scan_fini(&scan);
}

int offline_check(const char *folder, FILE *out)
{
	struct base_error error;
	struct offline_look l;
	int ret = offline_look_begin(&l, folder, &error);

	if (ret < 0) {
		fprintf(out, "%s: %s\n", folder, error.text);
		return ret;
	}
	files_check(&l, out);
	log_check(&l, out);
	fprintf(out, l.worst == 0 ? "The store is intact.\n" : "The store is damaged.\n");
	offline_look_end(&l);
	return l.worst;
}
