/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* 1. While records are read, each owner of an NS, CNAME or DNAME gets a mark with its location, and
 *    each NS is stored.
 * 2. When the zone is built, the rules about SOA and NS are checked through `has`.
 * 3. If there is a mark other than the apex's NS, one walk in canonical order sees all records of
 *    an owner together, and directly after them all names below the owner; and each target.
 *
 * Owners of SRVs and MXs have marks, too, as their targets are looked at: the first MARKS_MOST of
 * them. */

#include "text/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum {
	ARENA_BLOCK = 64 * 1024,
	OCCLUDED_MOST = 5,   /* names below one cut that are reported one by one */
	TARGETS_MOST = 10,   /* targets that are missing, likewise */
	MARKS_MOST = 100000, /* owners of SRVs and MXs whose location is kept */
	ANY_TYPE = 0,	     /* for `has`: whether the name has records */
};

struct mark {
	const uint8_t *owner;
	struct base_location location;
};

struct ns {
	struct ns *next;
	const uint8_t *owner, *target;
	struct base_location location;
};

/* The records that the walk saw at one owner. */
struct group {
	uint8_t owner[DNS_NAME_MAX];
	unsigned ncnames, ndnames, nns, nothers;
	unsigned nhidden; /* records hidden by a delegation at the owner or above */
};

struct text_check {
	const uint8_t *origin;
	size_t norigin;
	base_report_fn on_report;
	void *arg;
	struct base_arena arena;
	struct base_location whole; /* the file, line 0 */
	struct base_location last;  /* the last location, with a copy of the name of its file */
	struct mark *marks;	    /* open addressing; owner NULL is free */
	size_t nmarks, capacity;
	struct ns *ns; /* newest first */
	unsigned nsoas, naliases, ncuts, nerrors;
	unsigned ntargets;		 /* SRVs and MXs */
	unsigned nmissing;		 /* targets that are not in the zone */
	unsigned nsignatures;		 /* of the apex */
	struct base_location signatures; /* of the first of them */
	struct group group;
	uint8_t cut[DNS_NAME_MAX]; /* the owner of the NS or DNAME below which the walk is */
	bool has_cut, is_dname_cut;
	unsigned nbelow;
};

struct text_check *text_check_new(const uint8_t *origin, const char *file, base_report_fn on_report,
				  void *arg)
{
	struct text_check *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	base_arena_init(&c->arena, ARENA_BLOCK);
	c->origin = origin;
	c->norigin = dns_name_nbytes(origin);
	c->on_report = on_report;
	c->arg = arg;
	c->whole.file = base_arena_copy(&c->arena, file, strlen(file) + 1);
	c->last = c->whole;
	if (c->whole.file == NULL) {
		text_check_free(c);
		return NULL;
	}
	return c;
}

void text_check_free(struct text_check *c)
{
	if (c == NULL)
		return;
	base_arena_fini(&c->arena);
	free(c->marks);
	free(c);
}

__attribute__((format(printf, 4, 5))) static void report(struct text_check *c,
							 enum base_log_level level,
							 const struct base_location *at,
							 const char *format, ...)
{
	struct base_error error = {.code = -EBADMSG, .at = *at};
	va_list list;

	va_start(list, format);
	vsnprintf(error.text, sizeof(error.text), format, list);
	va_end(list);
	c->nerrors += level == BASE_LOG_ERROR;
	c->on_report(c->arg, level, &error);
}

struct name_text {
	char text[DNS_NAME_TEXT_MAX];
};

static struct name_text text_of(const uint8_t *name)
{
	struct name_text t;

	dns_name_to_text(t.text, name);
	return t;
}

/* ---- while the records are read ---- */

static uint64_t name_hash(const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];

	return base_hash(lower, dns_name_lower(lower, name), 0);
}

/* Returns the slot of `owner`, or the free slot where its mark belongs. */
static struct mark *mark_slot(struct mark *marks, size_t capacity, const uint8_t *owner)
{
	size_t i = name_hash(owner) & (capacity - 1);

	while (marks[i].owner != NULL && !dns_name_equal(marks[i].owner, owner))
		i = (i + 1) & (capacity - 1);
	return &marks[i];
}

static const struct mark *mark_find(const struct text_check *c, const uint8_t *owner)
{
	const struct mark *m = c->capacity == 0 ? NULL : mark_slot(c->marks, c->capacity, owner);

	return m == NULL || m->owner == NULL ? NULL : m;
}

static int marks_grow(struct text_check *c)
{
	size_t capacity = c->capacity == 0 ? 64 : c->capacity * 2;
	struct mark *grown = calloc(capacity, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < c->capacity; i++)
		if (c->marks[i].owner != NULL)
			*mark_slot(grown, capacity, c->marks[i].owner) = c->marks[i];
	free(c->marks);
	c->marks = grown;
	c->capacity = capacity;
	return 0;
}

/* Copies a location to `out`, with the name of its file, which the reader of the zone file owns and
 * frees. Returns 0 or -ENOMEM. */
static int location_copy(struct text_check *c, const struct base_location *location,
			 struct base_location *out)
{
	if (strcmp(c->last.file, location->file) != 0) {
		const char *file =
			base_arena_copy(&c->arena, location->file, strlen(location->file) + 1);

		if (file == NULL)
			return -ENOMEM;
		c->last.file = file;
	}
	*out = (struct base_location){.file = c->last.file, .line = location->line};
	return 0;
}

static int mark_add(struct text_check *c, const uint8_t *owner,
		    const struct base_location *location)
{
	struct mark m = {0}, *slot;

	if (2 * c->nmarks >= c->capacity && marks_grow(c) < 0)
		return -ENOMEM;
	slot = mark_slot(c->marks, c->capacity, owner);
	if (slot->owner != NULL)
		return 0;
	m.owner = base_arena_copy(&c->arena, owner, dns_name_nbytes(owner));
	if (m.owner == NULL || location_copy(c, location, &m.location) < 0)
		return -ENOMEM;
	*slot = m;
	c->nmarks++;
	return 0;
}

static int ns_add(struct text_check *c, const struct dns_record *record,
		  const struct base_location *location)
{
	struct ns *ns = base_arena_alloc(&c->arena, sizeof(*ns));

	if (ns == NULL || location_copy(c, location, &ns->location) < 0)
		return -ENOMEM;
	ns->owner = base_arena_copy(&c->arena, record->owner, dns_name_nbytes(record->owner));
	ns->target = base_arena_copy(&c->arena, record->rdata, record->nbytes);
	if (ns->owner == NULL || ns->target == NULL)
		return -ENOMEM;
	ns->next = c->ns;
	c->ns = ns;
	c->ncuts += !dns_name_equal(record->owner, c->origin);
	return mark_add(c, record->owner, location);
}

static void soa_check(struct text_check *c, const struct dns_record *record,
		      const struct base_location *location)
{
	if (!dns_name_equal(record->owner, c->origin))
		report(c, BASE_LOG_ERROR, location, "%s: an SOA that is not at the zone's apex",
		       text_of(record->owner).text);
	else if (++c->nsoas > 1)
		report(c, BASE_LOG_ERROR, location, "%s: a second SOA",
		       text_of(record->owner).text);
}

/* A signed zone has signatures at its apex (RFC 4035 section 2.2). */
static int signature_note(struct text_check *c, const struct dns_record *record,
			  const struct base_location *location)
{
	if (!dns_name_equal(record->owner, c->origin))
		return 0;
	return c->nsignatures++ > 0 ? 0 : location_copy(c, location, &c->signatures);
}

int text_check_record(struct text_check *c, const struct dns_record *record,
		      const struct base_location *location)
{
	switch (record->type) {
	case DNS_TYPE_SOA:
		soa_check(c, record, location);
		return 0;
	case DNS_TYPE_NS:
		return ns_add(c, record, location);
	case DNS_TYPE_RRSIG:
		return signature_note(c, record, location);
	case DNS_TYPE_MX:
	case DNS_TYPE_SRV:
		return c->ntargets++ < MARKS_MOST ? mark_add(c, record->owner, location) : 0;
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
		c->naliases++;
		return mark_add(c, record->owner, location);
	default:
		return 0;
	}
}

/* ---- when the zone is built ---- */

static bool has(const struct text_check_reader *reader, const uint8_t *owner, uint16_t type)
{
	return reader->has(reader->arg, owner, type);
}

static bool has_address(const struct text_check_reader *reader, const uint8_t *owner)
{
	return has(reader, owner, DNS_TYPE_A) || has(reader, owner, DNS_TYPE_AAAA);
}

/* Whether a wildcard above `name` may give it an address (RFC 4592). */
static bool has_wildcard_address(const struct text_check *c, const struct text_check_reader *reader,
				 const uint8_t *name)
{
	uint8_t wildcard[DNS_NAME_MAX];

	while (!dns_name_equal(name, c->origin) && *name != 0) {
		name = dns_name_strip(name, 1);
		if (dns_name_join(wildcard, (const uint8_t *)"\1*", 2, name) > 0 &&
		    has_address(reader, wildcard))
			return true;
	}
	return false;
}

/* Returns the owner of the delegation at or above `name`; NULL if `name` belongs to the zone
 * itself. */
static const uint8_t *delegation_of(const struct text_check *c,
				    const struct text_check_reader *reader, const uint8_t *name)
{
	for (; *name != 0 && !dns_name_equal(name, c->origin); name = dns_name_strip(name, 1))
		if (mark_find(c, name) != NULL && has(reader, name, DNS_TYPE_NS))
			return name;
	return NULL;
}

/* A name server inside the zone must have an address. Below its own delegation that is the glue
 * without which it cannot be reached (RFC 1034 section 4.2.1, RFC 9471 section 2); below another
 * delegation it only helps. If a server of the zone itself has no address, that is an error; for a
 * server of a delegation it is a warning: the zone can be served, and other servers serve it. */
static void ns_check(struct text_check *c, const struct text_check_reader *reader,
		     const struct ns *ns)
{
	struct name_text owner = text_of(ns->owner), target = text_of(ns->target);
	const uint8_t *delegation;

	if (!dns_name_is_under(ns->target, c->origin) || has_address(reader, ns->target))
		return;
	if (has(reader, ns->target, DNS_TYPE_CNAME)) {
		report(c, BASE_LOG_WARNING, &ns->location,
		       "%s: the name server %s is an alias (RFC 2181 section 10.3)", owner.text,
		       target.text);
		return;
	}
	delegation = delegation_of(c, reader, ns->target);
	if (delegation == NULL && !has_wildcard_address(c, reader, ns->target))
		report(c, dns_name_equal(ns->owner, c->origin) ? BASE_LOG_ERROR : BASE_LOG_WARNING,
		       &ns->location, "%s: the name server %s has no address", owner.text,
		       target.text);
	else if (delegation != NULL && dns_name_equal(delegation, ns->owner))
		report(c, BASE_LOG_WARNING, &ns->location,
		       "%s: the name server %s lies below the delegation and has no glue",
		       owner.text, target.text);
	else if (delegation != NULL)
		report(c, BASE_LOG_WARNING, &ns->location, "%s: the name server %s has no glue",
		       owner.text, target.text);
}

static const struct base_location *location_of(const struct text_check *c, const uint8_t *owner)
{
	const struct mark *m = mark_find(c, owner);

	return m == NULL ? &c->whole : &m->location;
}

/* Reports records at the owner of the group that will never be served. */
static void report_hidden(struct text_check *c, const struct group *g)
{
	if (++c->nbelow <= OCCLUDED_MOST)
		report(c, BASE_LOG_WARNING, location_of(c, c->cut),
		       "%s: not served, because it lies below the %s %s", text_of(g->owner).text,
		       c->is_dname_cut ? "DNAME" : "delegation", text_of(c->cut).text);
	else if (c->nbelow == OCCLUDED_MOST + 1)
		report(c, BASE_LOG_WARNING, location_of(c, c->cut), "%s: hides further names",
		       text_of(c->cut).text);
}

/* Checks an owner after all its records. */
static void group_end(struct text_check *c)
{
	const struct group *g = &c->group;
	const struct base_location *location = location_of(c, g->owner);
	bool is_apex = dns_name_equal(g->owner, c->origin);

	if (g->ncnames > 1)
		report(c, BASE_LOG_ERROR, location,
		       "%s: more than one CNAME (RFC 1034 section 3.6.2)", text_of(g->owner).text);
	if (g->ncnames > 0 && g->ndnames + g->nns + g->nothers > 0)
		report(c, BASE_LOG_ERROR, location,
		       "%s: a CNAME beside other data (RFC 1034 section 3.6.2)",
		       text_of(g->owner).text);
	if (g->ndnames > 1)
		report(c, BASE_LOG_ERROR, location,
		       "%s: more than one DNAME (RFC 6672 section 2.4)", text_of(g->owner).text);
	if (c->has_cut) {
		if (g->nhidden > 0)
			report_hidden(c, g);
		return;
	}
	if (is_apex && g->ndnames == 0)
		return;
	c->is_dname_cut = is_apex || g->nns == 0;
	if (g->nns > 0 && !is_apex && g->nhidden > 0)
		report(c, BASE_LOG_WARNING, location,
		       "%s: holds data that is not served, because it is delegated",
		       text_of(g->owner).text);
	if (g->nns + g->ndnames > 0) {
		dns_name_lower(c->cut, g->owner);
		c->has_cut = true;
		c->nbelow = 0;
	}
}

static void group_begin(struct text_check *c, const uint8_t *owner)
{
	c->group = (struct group){0};
	dns_name_lower(c->group.owner, owner);
	if (c->has_cut && !dns_name_is_under(owner, c->cut))
		c->has_cut = false;
}

/* Whether a record at or below a delegation is hidden: all are but addresses (glue) and those that
 * DNSSEC needs there. */
static bool is_hidden(const struct text_check *c, uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
	case DNS_TYPE_RRSIG:
	case DNS_TYPE_NSEC:
	case DNS_TYPE_NSEC3:
		return c->has_cut && c->is_dname_cut;
	case DNS_TYPE_NS:
	case DNS_TYPE_DS:
		return c->has_cut;
	default:
		return true;
	}
}

static void group_add(struct text_check *c, uint16_t type)
{
	struct group *g = &c->group;

	g->nhidden += is_hidden(c, type);
	switch (type) {
	case DNS_TYPE_CNAME:
		g->ncnames++;
		break;
	case DNS_TYPE_DNAME:
		g->ndnames++;
		break;
	case DNS_TYPE_NS:
		g->nns++;
		break;
	case DNS_TYPE_RRSIG:
	case DNS_TYPE_NSEC:
	case DNS_TYPE_KEY:
	case DNS_TYPE_SIG:
		break; /* allowed with a CNAME (RFC 4034 section 3, RFC 3007 section 3.1.1) */
	default:
		g->nothers++;
	}
}

/* MX and SRV must not name an alias (RFC 2181 section 10.3, RFC 2782). Reported at the location of
 * the alias, because that of the record is not known. */
static void target_check(struct text_check *c, const struct text_check_reader *reader,
			 const struct dns_record *record)
{
	const uint8_t *target = dns_rdata_target(record->type, record->rdata, record->nbytes);
	char type[DNS_TYPE_TEXT_MAX];

	if (c->naliases == 0 || target == NULL || mark_find(c, target) == NULL ||
	    !has(reader, target, DNS_TYPE_CNAME))
		return;
	report(c, BASE_LOG_WARNING, location_of(c, target),
	       "%s: an alias, but the target of %s %s (RFC 2181 section 10.3)",
	       text_of(target).text, text_of(record->owner).text,
	       dns_type_to_text(type, record->type));
}

/* Whether a wildcard above `name` stands for it (RFC 4592), or a DNAME (RFC 6672). */
static bool is_covered(const struct text_check *c, const struct text_check_reader *reader,
		       const uint8_t *name)
{
	uint8_t wildcard[DNS_NAME_MAX];

	while (!dns_name_equal(name, c->origin) && *name != 0) {
		name = dns_name_strip(name, 1);
		if (has(reader, name, DNS_TYPE_DNAME) ||
		    (dns_name_join(wildcard, (const uint8_t *)"\1*", 2, name) > 0 &&
		     has(reader, wildcard, ANY_TYPE)))
			return true;
	}
	return false;
}

/* Warns of a target that is a name of the zone itself and leads nowhere: an SRV or MX whose clients
 * find no address, a CNAME to a name without records. It may be registered later. */
static void missing_check(struct text_check *c, const struct text_check_reader *reader,
			  const struct dns_record *record)
{
	bool is_alias = record->type == DNS_TYPE_CNAME;
	const uint8_t *target =
		is_alias ? record->rdata
			 : dns_rdata_target(record->type, record->rdata, record->nbytes);
	char type[DNS_TYPE_TEXT_MAX];

	if (target == NULL || *target == 0 || !dns_name_is_under(target, c->origin) ||
	    (is_alias ? has(reader, target, ANY_TYPE)
		      : has_address(reader, target) || has(reader, target, DNS_TYPE_CNAME)) ||
	    delegation_of(c, reader, target) != NULL || is_covered(c, reader, target) ||
	    c->nmissing++ >= TARGETS_MOST)
		return;
	report(c, BASE_LOG_WARNING, location_of(c, record->owner),
	       is_alias ? "%s: the %s leads to %s, which is not in the zone"
			: "%s: the %s leads to %s, which has no address in the zone",
	       text_of(record->owner).text, dns_type_to_text(type, record->type),
	       text_of(target).text);
}

static void targets_check(struct text_check *c, const struct text_check_reader *reader,
			  enum text_check_extent extent, const struct dns_record *record)
{
	if (record->type != DNS_TYPE_MX && record->type != DNS_TYPE_SRV &&
	    record->type != DNS_TYPE_CNAME)
		return;
	if (record->type != DNS_TYPE_CNAME)
		target_check(c, reader, record);
	if (extent == TEXT_CHECK_WHOLE)
		missing_check(c, reader, record);
}

static void walk(struct text_check *c, const struct text_check_reader *reader,
		 enum text_check_extent extent)
{
	struct dns_record record;
	bool is_first = true;

	while (reader->next(reader->arg, &record)) {
		if (is_first || !dns_name_equal(record.owner, c->group.owner)) {
			if (!is_first)
				group_end(c);
			group_begin(c, record.owner);
			is_first = false;
		}
		group_add(c, record.type);
		targets_check(c, reader, extent, &record);
	}
	if (!is_first)
		group_end(c);
	if (c->nmissing > TARGETS_MOST)
		report(c, BASE_LOG_WARNING, &c->whole,
		       "%u more SRV, MX and CNAME records lead to names that are not in the zone",
		       c->nmissing - TARGETS_MOST);
}

/* A signature that an answer lacks is what an attacker would do: to resolvers that validate, the
 * zone is bogus as long as there is a DS for it (RFC 4035 section 5.5). */
static void signed_report(struct text_check *c)
{
	if (c->nsignatures > 0)
		report(c, BASE_LOG_WARNING, &c->signatures,
		       "%s: the zone is signed, and weftd serves it without DNSSEC: its answers "
		       "have "
		       "no signatures, so resolvers that validate refuse all of them while the "
		       "parent "
		       "has a DS record. Remove the DS, and load the zone as it was before signing",
		       text_of(c->origin).text);
}

/* What is missing may be in a line that could not be read. */
static void absence_check(struct text_check *c, const struct text_check_reader *reader)
{
	if (c->nsoas == 0)
		report(c, BASE_LOG_ERROR, &c->whole, "no SOA for %s", text_of(c->origin).text);
	if (!has(reader, c->origin, DNS_TYPE_NS))
		report(c, BASE_LOG_ERROR, &c->whole, "no NS for %s", text_of(c->origin).text);
	for (const struct ns *ns = c->ns; ns != NULL; ns = ns->next)
		ns_check(c, reader, ns);
}

unsigned text_check_finish(struct text_check *c, const struct text_check_reader *reader,
			   enum text_check_extent extent)
{
	if (extent == TEXT_CHECK_WHOLE)
		absence_check(c, reader);
	signed_report(c);
	if (c->naliases > 0 || c->ncuts > 0 || c->ntargets > 0)
		walk(c, reader, extent);
	return c->nerrors;
}
