/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The content of an entry of view->unaddressed is one octet, 1 if none of the instance's targets
 * has an address, and then for each target without an address of its own one octet, 1 if it is
 * covered, and its name in lower case. */

#include "view/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "undo/list.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* ---- names ---- */

bool view_address_is_own(const struct view_pass *p, const uint8_t *name)
{
	return !dns_name_is_under(name, p->zone) || view_pass_has(p, name, DNS_TYPE_A) ||
	       view_pass_has(p, name, DNS_TYPE_AAAA) || view_pass_has(p, name, DNS_TYPE_CNAME);
}

static bool is_inner_zone(const struct view_pass *p, const uint8_t *name)
{
	return p->view->inner.count > 0 &&
	       base_seen_has(&p->view->inner, view_hash(p->view, VIEW_ZONE, name));
}

static bool has_wildcard(const struct view_pass *p, const uint8_t *above)
{
	static const uint8_t asterisk[] = "\1*";
	uint8_t wildcard[DNS_NAME_MAX];

	return dns_name_join(wildcard, asterisk, sizeof(asterisk) - 1, above) > 0 &&
	       view_address_is_own(p, wildcard);
}

static bool is_covered(const struct view_pass *p, const uint8_t *name)
{
	const uint8_t *above;

	for (; dns_name_labels(name) > dns_name_labels(p->zone); name = above) {
		above = dns_name_strip(name, 1);
		if (view_pass_has(p, name, DNS_TYPE_NS) || is_inner_zone(p, name) ||
		    view_pass_has(p, above, DNS_TYPE_DNAME) || has_wildcard(p, above))
			return true;
	}
	return false;
}

bool view_address_has(const struct view_pass *p, const uint8_t *name)
{
	return view_address_is_own(p, name) || is_covered(p, name);
}

/* ---- instances ---- */

/* What an instance misses: the content of its entry while it is made. */
struct missed {
	uint8_t *bytes; /* malloc'd; NULL: nothing yet */
	size_t nbytes;
};

/* Returns the target at `*at` of a content, which begins at 1, and moves `*at` to the next one;
 * NULL after the last. The octet before the target is whether it is covered. */
static const uint8_t *next(const uint8_t *bytes, size_t nbytes, size_t *at)
{
	const uint8_t *name = bytes + *at + 1;

	if (*at >= nbytes)
		return NULL;
	*at += 1 + dns_name_nbytes(name);
	return name;
}

static bool has(const struct missed *m, const uint8_t *target)
{
	const uint8_t *name;

	for (size_t at = 1; (name = next(m->bytes, m->nbytes, &at)) != NULL;)
		if (dns_name_equal(name, target))
			return true;
	return false;
}

/* Adds a target without an address of its own. Returns whether it is covered, or -ENOMEM. A content
 * is never longer than the RRset that the targets are in. */
static int miss(const struct view_pass *p, struct missed *m, const struct zone_rrset *set,
		const uint8_t *target)
{
	bool is_live = is_covered(p, target);

	if (m->bytes == NULL)
		m->bytes = malloc(1 + set->nbytes);
	if (m->bytes == NULL)
		return -ENOMEM;
	if (m->nbytes == 0)
		m->nbytes = 1;
	if (!has(m, target)) {
		m->bytes[m->nbytes++] = is_live;
		m->nbytes += dns_name_lower(m->bytes + m->nbytes, target);
	}
	return is_live;
}

/* Finds what an instance misses among the SRVs that count. Returns 0 or -ENOMEM. */
static int find_missed(const struct view_pass *p, const uint8_t *instance, struct missed *m)
{
	unsigned left = VIEW_SRVS_MAX;
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	bool is_live = false;
	int ret = 0;

	if (!zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &set))
		return 0;
	at = set.data;
	while (ret >= 0 && left > 0 && zone_rrset_next(&set, &at, &one)) {
		const uint8_t *target = one.bytes + DNS_SRV_TARGET;

		if (target[0] == 0)
			continue;
		left--;
		ret = view_address_is_own(p, target) ? 1 : miss(p, m, &set, target);
		is_live |= ret > 0;
	}
	if (m->nbytes > 0)
		m->bytes[0] = !is_live;
	return ret < 0 ? ret : 0;
}

/* Adds an entry's targets to the relation, or removes them. */
static int relate(struct view *v, uint64_t entry, const uint8_t *bytes, size_t nbytes,
		  bool is_added)
{
	const uint8_t *name;
	int ret = 0;

	for (size_t at = 1; ret == 0 && (name = next(bytes, nbytes, &at)) != NULL;) {
		uint64_t node = view_hash(v, VIEW_LACKS, name);

		ret = is_added ? undo_pairs_add(&v->listed, node, entry)
			       : undo_pairs_remove(&v->listed, node, entry);
	}
	return ret;
}

/* Replaces the content of an instance's entry; `nbytes` 0: removes the entry. */
static int replace(struct view *v, const uint8_t *zone, const uint8_t *instance,
		   const uint8_t *bytes, size_t nbytes)
{
	const struct undo_list *before = undo_list_of(&v->unaddressed, zone, instance);
	struct undo_key key;
	int ret = 0;

	if (before == NULL ? nbytes == 0
			   : before->nbytes == nbytes && memcmp(before->bytes, bytes, nbytes) == 0)
		return 0;
	undo_table_key(&v->unaddressed, &key, zone, instance, 0);
	if (before != NULL) {
		v->nunaddressed -= before->bytes[0];
		ret = relate(v, key.hash, before->bytes, before->nbytes, false);
	}
	if (ret == 0)
		ret = undo_list_put(&v->unaddressed, zone, instance, bytes, nbytes);
	if (ret < 0 || nbytes == 0)
		return ret;
	v->nunaddressed += bytes[0];
	return relate(v, key.hash, bytes, nbytes, true);
}

int view_address_update(struct view_pass *p, const uint8_t *instance, bool is_ready)
{
	struct missed m = {0};
	int ret = is_ready ? find_missed(p, instance, &m) : 0;

	if (ret == 0 && (m.nbytes > 0 || p->view->unaddressed.count > 0))
		ret = replace(p->view, p->zone, instance, m.bytes, m.nbytes);
	free(m.bytes);
	return ret;
}

bool view_address_has_changed(const struct view_pass *p, const struct undo_entry *e)
{
	const struct undo_list *l = e->content;
	const uint8_t *name;

	for (size_t at = 1; (name = next(l->bytes, l->nbytes, &at)) != NULL;)
		if (is_covered(p, name) != (name[-1] != 0))
			return true;
	return false;
}

const uint8_t *view_address_missing(const struct view *v, const uint8_t *zone,
				    const uint8_t *instance)
{
	const struct undo_list *l =
		v->unaddressed.count == 0 ? NULL : undo_list_of(&v->unaddressed, zone, instance);

	return l == NULL || l->bytes[0] == 0 ? NULL : l->bytes + 2;
}

int view_address_forget(struct view *v, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&v->unaddressed, zone, e)) != NULL)
		ret = replace(v, zone, undo_entry_name(e), NULL, 0);
	return ret;
}
