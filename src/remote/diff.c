/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A merge applies the difference between the file as it was last merged and as it is now to
 * whatever the zone has become by updates (hosting/merge.h). So three versions are compared:
 *
 * 1. weftd writes the first, as it has it in its store, and dumps the zone, as it is served.
 * 2. The new file is read here, with the rights of the user.
 * 3. Of each record: if it is in both files as it is, the merge leaves it to updates. If it has
 *    left the file, it is removed if the zone still has it; if it is new there, or differs in TTL
 *    or case, it is added unless the zone has it so already. */

#include "remote/diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/grow.h"
#include "base/rcu.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/commands.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "remote/control.h"
#include "text/check.h"
#include "text/head.h"
#include "text/rdata_write.h"
#include "text/zonefile.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 }; /* exit statuses */

#define MEMORY "/proc/self/fd/" /* where files in memory have their paths */

enum { BLOCK = 64 << 10, PATH_MAX_NCHARS = 64, SOA_MAX = 2 * DNS_NAME_MAX + 20 };

/* ---- reading ---- */

/* A version of the zone, and a walk through it. */
struct version {
	const char *shown; /* what messages call the file; NULL: its path */
	struct zone *zone;
	struct zone_draft *draft;
	struct text_check *check; /* NULL: not checked, weftd wrote it */
	struct base_location location;
	struct zone_cursor *cursor;
	struct dns_record record; /* the walk's next one, while has_record */
	bool has_record;
};

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	const struct version *v = arg;
	struct base_error shown = *error;

	if (v->shown != NULL && strncmp(shown.at.file, MEMORY, strlen(MEMORY)) == 0)
		shown.at.file = v->shown;
	cli_error_report(NULL, level, &shown);
}

/* An RRset has one TTL, the lowest in the file, as weftd reads it. */
static int on_record(void *arg, const struct dns_record *r)
{
	struct version *v = arg;
	uint32_t before = zone_draft_ttl(v->draft, r->owner, r->type, r->ttl);
	int ret = v->check == NULL ? 0 : text_check_record(v->check, r, &v->location);

	if (ret == 0)
		ret = zone_draft_add(v->draft, r->owner, r->type, before < r->ttl ? before : r->ttl,
				     r->rdata, r->nbytes);
	return ret < 0 ? ret : 0;
}

static bool check_has(void *arg, const uint8_t *owner, uint16_t type)
{
	return zone_has(((struct version *)arg)->zone, owner, type);
}

static bool check_next(void *arg, struct dns_record *record)
{
	return zone_cursor_next(((struct version *)arg)->cursor, record);
}

static int rewind_walk(struct version *v)
{
	zone_cursor_free(v->cursor);
	v->cursor = zone_cursor_new(zone_current(v->zone));
	return v->cursor == NULL ? -ENOMEM : 0;
}

/* Checks the records against each other, as weftd does. */
static int check_whole(struct version *v)
{
	const struct text_check_reader reader = {check_has, check_next, v};

	if (v->check == NULL)
		return 0;
	if (rewind_walk(v) < 0)
		return -ENOMEM;
	return text_check_finish(v->check, &reader, TEXT_CHECK_WHOLE) > 0 ? -EBADMSG : 0;
}

static int publish(struct version *v, const char *path)
{
	struct zone_rrset soa;
	int ret;

	if (!zone_draft_find(v->draft, zone_name(v->zone), DNS_TYPE_SOA, &soa) || soa.count != 1) {
		cli_error("%s: %s SOA record at the zone's name",
			  v->shown != NULL ? v->shown : path,
			  soa.count > 1 ? "more than one" : "no");
		return -EBADMSG;
	}
	ret = zone_draft_seal(v->draft, NULL);
	if (ret < 0)
		return ret;
	zone_draft_publish(v->draft);
	v->draft = NULL;
	return check_whole(v);
}

/* Reads a zone file into the version. Returns 0, or -1 after a message. */
static int version_read(struct version *v, const uint8_t *name, const char *path, bool is_checked)
{
	struct text_reader reader = {.origin = name,
				     .on_record = on_record,
				     .on_report = on_report,
				     .arg = v,
				     .location = &v->location};
	int ret = -ENOMEM;

	v->zone = zone_new(name, 0);
	v->draft = v->zone == NULL ? NULL : zone_draft_new(v->zone);
	if (is_checked)
		v->check = text_check_new(name, v->shown != NULL ? v->shown : path, on_report, v);
	if (v->draft != NULL && (!is_checked || v->check != NULL))
		ret = text_zonefile_read(path, &reader);
	if (ret == 0)
		ret = publish(v, path);
	if (ret == 0)
		ret = rewind_walk(v);
	if (ret == -ENOMEM)
		cli_error("out of memory");
	return ret < 0 ? -1 : 0;
}

static void version_free(struct version *v)
{
	zone_cursor_free(v->cursor);
	text_check_free(v->check);
	if (v->draft != NULL)
		zone_draft_abort(v->draft);
	zone_free(v->zone);
}

/* ---- where versions come from ---- */

static int memory_new(void)
{
	int fd = memfd_create("zone", MFD_CLOEXEC);

	if (fd < 0)
		cli_error("out of memory: %s", strerror(errno));
	return fd;
}

/* Reads the version that is in the memory file. */
static int memory_read(struct version *v, const uint8_t *name, int fd, bool is_checked)
{
	char path[PATH_MAX_NCHARS];

	snprintf(path, sizeof(path), MEMORY "%d", fd);
	return version_read(v, name, path, is_checked);
}

/* Has weftd write a version by this command and reads it. A dump of a zone in which keys own names
 * begins with a comment by which it is refused as a zone file. */
static int ask(struct version *v, const uint8_t *name, const struct cli_command *command,
	       const struct cli_options *options, int nargs, char **args)
{
	int fd = memory_new(), ret = -1;
	char head[PATH_MAX_NCHARS];
	ssize_t n;

	if (fd < 0)
		return -1;
	v->shown = command->is->name;
	if (remote_control_write(command, options, nargs, args, fd, true) == CLI_OK) {
		n = pread(fd, head, sizeof(head), 0);
		if (n > 0 && text_head_judge(head, (size_t)n) != NULL &&
		    pwrite(fd, ";;;", 3, 0) < 0)
			n = -1;
		ret = n < 0 ? -1 : memory_read(v, name, fd, false);
	}
	close(fd);
	return ret;
}

/* Reads the file; standard input by way of memory, since it may be a pipe. */
static int file_read(struct version *v, const uint8_t *name, const char *path)
{
	char buffer[BUFSIZ];
	int fd, ret = -1;
	ssize_t n;

	if (strcmp(path, "-") != 0)
		return version_read(v, name, path, true);
	v->shown = "standard input";
	fd = memory_new();
	if (fd < 0)
		return -1;
	while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)n) != n)
			break;
	if (n == 0)
		ret = memory_read(v, name, fd, true);
	else
		cli_error("standard input cannot be read");
	close(fd);
	return ret;
}

/* ---- comparing ---- */

/* A record that would be added or removed. */
struct change {
	bool is_added;
	struct dns_record
		record; /* its owner is in the arena, its rdata in a version or the arena */
};

struct diff {
	struct version merged, file, served;
	struct change *changes;
	size_t nchanges, capacity;
	struct base_arena arena;
};

static bool is_same(const struct dns_record *a, const struct dns_record *b)
{
	return a->ttl == b->ttl && a->nbytes == b->nbytes &&
	       memcmp(a->rdata, b->rdata, a->nbytes) == 0;
}

static bool is_spelled_the_same(const struct dns_record *a, const struct dns_record *b)
{
	return memcmp(a->owner, b->owner, dns_name_nbytes(a->owner)) == 0;
}

static int change_add(struct diff *d, const struct dns_record *r, bool is_added)
{
	struct change *changes =
		base_grow(d->changes, d->nchanges, &d->capacity, sizeof(*changes));
	uint8_t *owner = base_arena_copy(&d->arena, r->owner, dns_name_nbytes(r->owner));

	if (changes != NULL)
		d->changes = changes;
	if (changes == NULL || owner == NULL)
		return -ENOMEM;
	changes[d->nchanges] = (struct change){is_added, *r};
	changes[d->nchanges++].record.owner = owner;
	return 0;
}

/* The serial is that of the file if it was edited and is newer, else the zone's, which rises if
 * anything changes. */
static int compare_soa(struct diff *d, const struct dns_record *merged,
		       const struct dns_record *file, const struct dns_record *served)
{
	uint32_t before = dns_soa_read(merged->rdata, merged->nbytes).serial,
		 wanted = dns_soa_read(file->rdata, file->nbytes).serial,
		 now = dns_soa_read(served->rdata, served->nbytes).serial;
	struct dns_record next = *file;
	uint8_t *rdata = base_arena_copy(&d->arena, file->rdata, file->nbytes);
	int ret;

	if (rdata == NULL)
		return -ENOMEM;
	next.rdata = rdata;
	if (wanted == before || !dns_serial_is_newer(wanted, now)) {
		dns_soa_set_serial(rdata, file->nbytes, now);
		if (is_same(&next, served))
			return 0;
		dns_soa_set_serial(rdata, file->nbytes, now == UINT32_MAX ? 1 : now + 1);
	}
	ret = change_add(d, served, false);
	return ret == 0 ? change_add(d, &next, true) : ret;
}

/* Compares one record, which is in at least one of the versions; NULL: not in that one. */
static int compare_one(struct diff *d, const struct dns_record *merged,
		       const struct dns_record *file, const struct dns_record *served)
{
	bool is_respelled = merged != NULL && file != NULL && !is_spelled_the_same(merged, file);
	int ret = 0;

	if (merged != NULL && file == NULL)
		return served == NULL ? 0 : change_add(d, served, false);
	if (file == NULL || (merged != NULL && is_same(merged, file) && !is_respelled))
		return 0;
	if (file->type == DNS_TYPE_SOA && merged != NULL && served != NULL)
		return compare_soa(d, merged, file, served);
	if (served == NULL)
		return merged != NULL && is_same(merged, file) ? 0 : change_add(d, file, true);
	if (is_same(file, served) && (!is_respelled || is_spelled_the_same(file, served)))
		return 0;
	ret = change_add(d, served, false);
	return ret == 0 ? change_add(d, file, true) : ret;
}

static void step(struct version *v)
{
	v->has_record = zone_cursor_next(v->cursor, &v->record);
}

/* Walks through the three versions side by side. */
static int compare_all(struct diff *d)
{
	struct version *all[] = {&d->merged, &d->file, &d->served};
	int ret = 0;

	for (unsigned i = 0; i < 3; i++)
		step(all[i]);
	while (ret == 0) {
		const struct dns_record *first = NULL, *at[3];

		for (unsigned i = 0; i < 3; i++)
			if (all[i]->has_record &&
			    (first == NULL || zone_cursor_order(&all[i]->record, first) < 0))
				first = &all[i]->record;
		if (first == NULL)
			break;
		for (unsigned i = 0; i < 3; i++)
			at[i] = all[i]->has_record && zone_cursor_order(&all[i]->record, first) == 0
					? &all[i]->record
					: NULL;
		ret = compare_one(d, at[0], at[1], at[2]);
		for (unsigned i = 0; i < 3; i++)
			if (at[i] != NULL)
				step(all[i]);
	}
	return ret;
}

static bool is_apex_ns(const struct diff *d, const struct dns_record *r)
{
	return r->type == DNS_TYPE_NS && dns_name_equal(r->owner, zone_name(d->served.zone));
}

/* The last NS of the apex stays (RFC 2136 section 3.4.2.4). */
static int spare_last_ns(struct diff *d)
{
	struct zone_draft *draft = zone_draft_new(d->served.zone);
	struct zone_rrset set = {.count = 0};
	size_t nleft, nkept = 0;

	if (draft == NULL)
		return -ENOMEM;
	zone_draft_measure(draft, zone_name(d->served.zone), DNS_TYPE_NS, &set);
	nleft = set.count;
	zone_draft_abort(draft);
	for (size_t i = 0; i < d->nchanges; i++)
		nleft += d->changes[i].is_added && is_apex_ns(d, &d->changes[i].record);
	for (size_t i = 0; i < d->nchanges; i++) {
		const struct change *c = &d->changes[i];

		if (!c->is_added && is_apex_ns(d, &c->record) && nleft-- == 1) {
			nleft = 1;
			continue;
		}
		d->changes[nkept++] = *c;
	}
	d->nchanges = nkept;
	return 0;
}

/* ---- showing ---- */

static json_t *record_json(const struct dns_record *r, const char *name, const char *type,
			   const char *text)
{
	return json_pack("{s:s, s:I, s:s, s:s}", "name", name, "ttl", (json_int_t)r->ttl, "type",
			 type, "data", text);
}

/* Shows all changes. Returns an exit status. */
static int show(const struct diff *d, const struct cli_options *options)
{
	json_t *added = json_array(), *removed = json_array(), *result;
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], *text = malloc(TEXT_RDATA_MAX);
	int status = d->nchanges > 0 ? DIFFERENT : SAME;

	for (size_t i = 0; i < d->nchanges && text != NULL; i++) {
		const struct dns_record *r = &d->changes[i].record;

		dns_name_to_text(name, r->owner);
		dns_type_to_text(type, r->type);
		text_rdata_to_text(text, TEXT_RDATA_MAX, r->type, r->rdata, r->nbytes);
		if (options->is_json)
			json_array_append_new(d->changes[i].is_added ? added : removed,
					      record_json(r, name, type, text));
		else
			printf("%c %s %u %s %s\n", d->changes[i].is_added ? '+' : '-', name,
			       (unsigned)r->ttl, type, text);
	}
	dns_name_to_text(name, zone_name(d->served.zone));
	result = json_pack("{s:s, s:o, s:o}", "zone", name, "added", added, "removed", removed);
	if (text == NULL || fflush(stdout) != 0 ||
	    (options->is_json && cli_output_result(options, result) != CLI_OK))
		status = TROUBLE;
	json_decref(result);
	free(text);
	return status;
}

/* Reads the three versions. Returns 0, or -1 after a message. */
static int read_all(struct diff *d, const uint8_t *name, const struct cli_command *command,
		    const struct cli_options *options, int nargs, char **args)
{
	const struct cli_command dump = {.is = &control_commands[CONTROL_ZONE_DUMP]};

	/* First weftd, which knows whether there is such a zone: else all the file is wrong. */
	if (ask(&d->merged, name, command, options, nargs, args) < 0 ||
	    file_read(&d->file, name, args[1]) < 0)
		return -1;
	return ask(&d->served, name, &dump, options, 1, args);
}

int remote_diff(const struct cli_command *command, const struct cli_options *options, int nargs,
		char **args)
{
	struct diff d = {.nchanges = 0};
	uint8_t name[DNS_NAME_MAX];
	int status = TROUBLE, ret = -1;

	if (dns_name_from_text(name, args[0], strlen(args[0]), NULL) == 0) {
		cli_error("%s is not a domain name", args[0]);
		return TROUBLE;
	}
	dns_name_lower(name, name);
	base_rcu_register();
	base_arena_init(&d.arena, BLOCK);
	if (read_all(&d, name, command, options, nargs, args) == 0) {
		ret = compare_all(&d);
		if (ret == 0)
			ret = spare_last_ns(&d);
		if (ret == 0)
			status = show(&d, options);
		else
			cli_error("out of memory");
	}
	base_rcu_offline();
	version_free(&d.merged);
	version_free(&d.file);
	version_free(&d.served);
	base_rcu_unregister();
	base_arena_fini(&d.arena);
	free(d.changes);
	return status;
}
