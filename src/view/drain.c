/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/drain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/instance.h"
#include "view/mark.h"
#include "view/node.h"
#include "zone/draft.h"

enum {
	TXT_MAX = 65535,
	BYTES_OF_LOOK = 64, /* of TXT that are restored and overlaid in the time of a look */
	OVERLAY_MORE = 15,  /* octets by which an overlay is longer than the owner's TXT at most */
};

static const uint8_t empty_txt[1]; /* an empty character-string (RFC 6763 section 6.1) */

/* Writes to `out` the overlay of a TXT with that rdata. Returns its length; 0 if it does not fit.
 */
static size_t overlay_of(uint8_t out[static TXT_MAX], const uint8_t *rdata, size_t nbytes)
{
	return dnssd_txt_set(out, TXT_MAX, rdata, nbytes, "state", "draining");
}

/* Replaces the TXT `from` by `to`; each may be empty. */
static int replace(struct zone_draft *d, const uint8_t *instance, uint32_t ttl, const uint8_t *from,
		   size_t nfrom, const uint8_t *to, size_t nto)
{
	int n = nfrom > 0 ? zone_draft_remove(d, instance, DNS_TYPE_TXT, from, nfrom) : 0;

	if (n >= 0 && nto > 0)
		n = zone_draft_add(d, instance, DNS_TYPE_TXT, ttl, to, nto);
	return n < 0 ? n : 0;
}

/* Removes all published TXTs before adding the owner's: two owner TXTs that differ only in `state=`
 * publish the same record. A TXT that is no longer published, because it was changed while the zone
 * had no view, is not restored. */
static int restore_txt(struct view_pass *p, const uint8_t *instance, const struct view_mark *mark,
		       uint8_t *published)
{
	const struct zone_rrset owner_txt = {.data = mark->owner_txt,
					     .nbytes = (uint32_t)mark->nowner_txt};
	uint32_t ttl = zone_draft_ttl(p->draft, instance, DNS_TYPE_TXT, p->rule->ttl_s);
	const uint8_t *at = owner_txt.data;
	bool was_published = false;
	struct zone_rdata one;
	size_t n;
	int ret = 0;

	while (ret >= 0 && zone_rrset_next(&owner_txt, &at, &one)) {
		n = overlay_of(published, one.bytes, one.nbytes);
		ret = n == 0 ? 0
			     : zone_draft_remove(p->draft, instance, DNS_TYPE_TXT, published, n);
		was_published |= ret > 0;
	}
	at = owner_txt.data;
	while (was_published && ret >= 0 && zone_rrset_next(&owner_txt, &at, &one))
		ret = zone_draft_add(p->draft, instance, DNS_TYPE_TXT, ttl, one.bytes, one.nbytes);
	if (mark->nowner_txt == 0) {
		n = overlay_of(published, empty_txt, sizeof(empty_txt));
		ret = zone_draft_remove(p->draft, instance, DNS_TYPE_TXT, published, n);
	}
	return ret < 0 ? ret : 0;
}

static int restore(struct view_pass *p, const uint8_t *instance)
{
	uint8_t *published = malloc(TXT_MAX);
	int ret = published == NULL
			  ? -ENOMEM
			  : restore_txt(p, instance, view_mark_of(p->view, p->zone, instance),
					published);

	free(published);
	return ret;
}

/* Returns whether the overlays fit an answer. */
static bool has_room(const struct zone_rrset *owner_txt)
{
	return zone_limit_nbytes(owner_txt->count, owner_txt->nbytes) +
		       (uint64_t)owner_txt->count * OVERLAY_MORE <=
	       ZONE_LIMIT_RRSET_NBYTES_MAX;
}

/* Replaces the TXTs in `owner_txt` by their overlays. If these do not fit an answer, the owner's
 * remain: the instance is not browsed all the same. */
static int overlay(struct view_pass *p, const uint8_t *instance, const struct zone_rrset *owner_txt)
{
	const uint8_t *at = owner_txt->data;
	struct zone_rdata one;
	uint8_t *published;
	int ret;

	if (!has_room(owner_txt))
		return 0;
	published = malloc(TXT_MAX);
	ret = published == NULL ? -ENOMEM : 0;
	if (ret == 0 && owner_txt->nbytes == 0)
		ret = replace(p->draft, instance, owner_txt->ttl, NULL, 0, published,
			      overlay_of(published, empty_txt, sizeof(empty_txt)));
	while (ret == 0 && zone_rrset_next(owner_txt, &at, &one)) {
		size_t npublished = overlay_of(published, one.bytes, one.nbytes);

		if (npublished > 0)
			ret = replace(p->draft, instance, owner_txt->ttl, one.bytes, one.nbytes,
				      published, npublished);
	}
	free(published);
	return ret;
}

int view_drain_overlay(struct view_pass *p, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);
	struct zone_rrset owner_txt;
	struct view_mark next;
	uint8_t *copy;
	int ret = 0;

	/* An instance that is no longer drained, or gone, keeps its owner's TXT. */
	if (mark == NULL || !mark->is_drained || zone_draft_count(p->draft, instance) == 0)
		return 0;
	if (!zone_draft_find(p->draft, instance, DNS_TYPE_TXT, &owner_txt))
		owner_txt = (struct zone_rrset){.ttl = p->rule->ttl_s, .data = empty_txt};
	/* An RRset found in a draft is valid until its owner changes. */
	copy = malloc(owner_txt.nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	owner_txt.data = memcpy(copy, owner_txt.data, owner_txt.nbytes);
	next = *mark;
	next.nowner_txt = owner_txt.nbytes;
	if (mark->nowner_txt != next.nowner_txt ||
	    memcmp(mark->owner_txt, copy, next.nowner_txt) != 0)
		ret = view_mark_put(p->view, p->zone, instance, &next, copy);
	if (ret == 0)
		ret = overlay(p, instance, &owner_txt);
	free(copy);
	return ret;
}

/* Returns the mark of a drained instance that publishes its overlay, or NULL. */
static const struct view_mark *overlaid(const struct view_pass *p, const uint8_t *name)
{
	const struct view_mark *mark = p->rule == NULL || p->view->marks.count == 0
					       ? NULL
					       : view_mark_of(p->view, p->zone, name);

	return mark == NULL || !mark->is_drained || view_pass_is_noted(p, &p->restored, name)
		       ? NULL
		       : mark;
}

bool view_drain_restore(struct view_pass *p, const uint8_t *name)
{
	const struct view_mark *mark = overlaid(p, name);

	if (mark == NULL)
		return true;
	if (p->budget != NULL && !base_budget_take(p->budget, 1 + mark->nowner_txt / BYTES_OF_LOOK))
		return false;
	if (view_pass_note(p, &p->restored, name) <= 0)
		return true;
	view_pass_fail_if(p, restore(p, name));
	view_pass_touch(p, name);
	return true;
}

bool view_drain_find(struct view_pass *p, const uint8_t *name, uint16_t type,
		     struct zone_rrset *rrset)
{
	const struct view_mark *mark;

	if (!zone_draft_find(p->draft, name, type, rrset))
		return false;
	mark = type == DNS_TYPE_TXT ? overlaid(p, name) : NULL;
	if (mark == NULL)
		return true;
	rrset->data = mark->owner_txt;
	rrset->nbytes = (uint32_t)mark->nowner_txt;
	return mark->nowner_txt > 0;
}

void view_drain_restore_all(struct view_pass *p)
{
	struct undo_entry *e = NULL;

	while (p->rule != NULL && (e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL)
		view_drain_restore(p, undo_entry_name(e));
}

bool view_drain_is_any(const struct view *v, const uint8_t *zone)
{
	struct undo_entry *e = NULL;

	while ((e = undo_table_next_in(&v->marks, zone, e)) != NULL)
		if (((const struct view_mark *)e->content)->is_drained)
			return true;
	return false;
}

/* Puts `next` with that flag, for an instance whose flag is the other one. */
static int set_drained(struct view_pass *p, const uint8_t *instance, struct view_mark *next,
		       bool is_drained)
{
	int ret;

	next->is_drained = is_drained;
	next->nowner_txt = 0;
	ret = view_mark_put(p->view, p->zone, instance, next, NULL);
	/* view_update overlays every restored instance that is drained then. */
	if (ret == 0 && is_drained)
		ret = view_pass_note(p, &p->restored, instance);
	return ret < 0 ? ret : 0;
}

int view_drain_update(struct view_pass *p, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);
	struct view_mark next = mark == NULL ? view_mark_none : *mark;
	bool is_wanted;
	int ret;

	if (next.is_drained && !next.is_node_drained)
		return 0;
	is_wanted = view_node_is_targeted(p, instance);
	if (is_wanted == next.is_drained)
		return 0;
	if (!is_wanted && !view_drain_restore(p, instance))
		return -ECANCELED;
	next.is_node_drained = is_wanted;
	ret = set_drained(p, instance, &next, is_wanted);
	view_pass_touch(p, instance);
	return ret < 0 ? ret : p->error < 0 ? p->error : 1;
}

/* Has an instance that its node drains stay drained after that. */
static int keep_drained(struct view_pass *p, const uint8_t *instance, const struct view_mark *mark)
{
	struct view_mark next = *mark;
	int ret;

	next.is_node_drained = false;
	ret = view_mark_put(p->view, p->zone, instance, &next, mark->owner_txt);
	return ret < 0 ? ret : 1;
}

int view_drain_set(struct view_pass *p, const uint8_t *instance, bool is_drained)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);
	struct view_mark next = mark == NULL ? view_mark_none : *mark;
	int ret;

	if (next.is_node_drained && is_drained)
		return keep_drained(p, instance, mark);
	if (next.is_drained && is_drained)
		return 0;
	if (next.is_drained && view_node_is_targeted(p, instance))
		return -EBUSY;
	if (!next.is_drained && (!dns_name_is_under(instance, p->zone) ||
				 dnssd_kind_of(instance, p->zone) != DNSSD_INSTANCE ||
				 !view_pass_has(p, instance, DNS_TYPE_SRV)))
		return -ENOENT;
	if (!next.is_drained && !is_drained)
		return 0;
	if (!is_drained)
		view_drain_restore(p, instance);
	ret = set_drained(p, instance, &next, is_drained);
	view_pass_touch(p, instance);
	return ret < 0 ? ret : p->error < 0 ? p->error : 1;
}
