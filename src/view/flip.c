/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* An entry of view->flips is a node; the zone's apex stands for what covers names. */

#include "view/flip.h"

#include "base/log.h"
#include "dns/type.h"
#include "undo/list.h"
#include "view/address.h"
#include "view/live.h"
#include "zone/draft.h"

enum { COVERED_MAX = 1000 }; /* instances that a request's pass compares with what covers them */

void view_flip_touch(struct view_pass *p, const uint8_t *owner, uint16_t type)
{
	bool is_cover = type == DNS_TYPE_NS || type == DNS_TYPE_DNAME;

	if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA || type == DNS_TYPE_CNAME) {
		view_pass_note(p, &p->addressed, owner);
		is_cover = dns_name_is_wildcard(owner);
	}
	p->has_touched_cover |= is_cover;
}

/* Stores that a name is to be looked at again, or not. */
static int store(const struct view_pass *p, const uint8_t *name, bool is_left)
{
	static const uint8_t mark[] = {1};
	struct view *v = p->view;

	if (!is_left && v->flips.count == 0)
		return 0;
	return undo_list_put(&v->flips, p->zone, name, mark, is_left ? sizeof(mark) : 0);
}

/* Touches an instance, unless the pass has too few looks left. Returns 1, 0 or -ENOMEM. */
static int touch(struct view_pass *p, const struct undo_entry *e)
{
	uint64_t n;

	/* A node below two zones may have an instance of the other one. */
	if (e == NULL || !dns_name_equal(undo_entry_zone(e), p->zone) ||
	    view_pass_is_noted(p, &p->touched, undo_entry_name(e)))
		return 1;
	n = view_live_looks(p, undo_entry_name(e));
	if (n > p->nflip_looks)
		return 0;
	p->nflip_looks -= n;
	return view_pass_note(p, &p->touched, undo_entry_name(e)) < 0 ? p->error : 1;
}

/* Logs that a node has got an address or lost the last one, once for all its instances. */
static void report(const struct view_pass *p, const uint8_t *node, bool is_own, uint32_t count)
{
	char name[DNS_NAME_TEXT_MAX];

	if (count == 0 || undo_table_content(&p->view->flips, p->zone, node) != NULL ||
	    (!is_own && view_address_has(p, node)))
		return;
	dns_name_to_text(name, node);
	/* A key may have the addresses of its node come and go all day. */
	if (!base_log_may(name))
		return;
	if (is_own)
		base_log(BASE_LOG_INFO, "registry", "node-addressed name=%s instances=%u", name,
			 count);
	else
		base_log(BASE_LOG_WARNING, "registry", "node-unaddressed name=%s instances=%u",
			 name, count);
}

/* Touches the instances of a node that are not as they must be now. */
static int collect_node(struct view_pass *p, const uint8_t *node)
{
	struct view *v = p->view;
	bool is_own = view_address_is_own(p, node);
	const struct undo_table *t = is_own ? &v->unaddressed : &v->srvs;
	uint64_t key = view_hash(v, is_own ? VIEW_LACKS : VIEW_RUNS_ON, node);
	uint32_t n = undo_pairs_count(&v->listed, key);
	int ret = 1;

	report(p, node, is_own, n);
	for (uint32_t i = 0; i < n && ret > 0; i++)
		ret = touch(p, undo_table_find_hash(t, undo_pairs_member(&v->listed, key, i)));
	return ret < 0 ? ret : store(p, node, ret == 0);
}

/* Touches the instances with a target that is covered now and was not, or the reverse. */
static int collect_covered(struct view_pass *p)
{
	struct view *v = p->view;
	struct undo_entry *e = NULL;
	int ret = p->budget == NULL || v->unaddressed.count <= COVERED_MAX;

	while (ret > 0 && (e = undo_table_next_in(&v->unaddressed, p->zone, e)) != NULL)
		if (view_address_has_changed(p, e))
			ret = touch(p, e);
	return ret < 0 ? ret : store(p, p->zone, ret == 0);
}

int view_flip_collect(struct view_pass *p)
{
	const struct undo_names *l = &p->addressed;
	int ret = 0;

	for (size_t at = 0; ret == 0 && at < l->nbytes; at += dns_name_nbytes(l->bytes + at))
		ret = collect_node(p, l->bytes + at);
	return ret == 0 && p->has_touched_cover ? collect_covered(p) : ret;
}

int view_flip_resume(struct view_pass *p)
{
	struct undo_entry *e = NULL;

	while (p->error == 0 && (e = undo_table_next_in(&p->view->flips, p->zone, e)) != NULL) {
		if (dns_name_equal(undo_entry_name(e), p->zone))
			p->has_touched_cover = true;
		else
			view_pass_note(p, &p->addressed, undo_entry_name(e));
	}
	return p->error;
}

const uint8_t *view_flip_zone(const struct view *v, const struct undo_entry **after)
{
	*after = undo_table_next(&v->flips, *after);
	return *after == NULL ? NULL : undo_entry_zone(*after);
}

int view_flip_forget(struct view *v, const uint8_t *zone)
{
	return undo_table_forget(&v->flips, zone);
}
