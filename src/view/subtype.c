/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/subtype.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"

enum { HASH_NBYTES = 4 };

static uint32_t label_hash(const struct view *v, const uint8_t *label)
{
	uint8_t lower[VIEW_SUBTYPE_LABEL_MAX];
	size_t n = 1u + label[0];

	for (size_t i = 0; i < n; i++)
		lower[i] = label[i] >= 'A' && label[i] <= 'Z' ? (uint8_t)(label[i] + 32) : label[i];
	lower[0] = label[0];
	return (uint32_t)base_hash(lower, n, v->subtypes.seed);
}

static bool label_equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t left[VIEW_SUBTYPE_LABEL_MAX + 1], right[VIEW_SUBTYPE_LABEL_MAX + 1];

	if (a[0] != b[0])
		return false;
	memcpy(left, a, 1u + a[0]);
	memcpy(right, b, 1u + b[0]);
	left[1 + a[0]] = right[1 + b[0]] = 0;
	return dns_name_equal(left, right);
}

const struct undo_list *view_subtype_list(const struct view *v, const uint8_t *zone,
					  const uint8_t *instance)
{
	return undo_list_of(&v->subtypes, zone, instance);
}

const uint8_t *view_subtype_next(const struct undo_list *l, size_t *at)
{
	const uint8_t *label;

	if (l == NULL || *at >= l->nbytes)
		return NULL;
	label = l->bytes + *at + HASH_NBYTES;
	*at += HASH_NBYTES + 1u + label[0];
	return label;
}

unsigned view_subtype_count(const struct undo_list *l)
{
	unsigned n = 0;

	for (size_t at = 0; view_subtype_next(l, &at) != NULL;)
		n++;
	return n;
}

bool view_subtype_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *label, const uint8_t *type)
{
	uint8_t prefix[VIEW_SUBTYPE_LABEL_MAX + 5];
	size_t n = 1u + label[0];

	memcpy(prefix, label, n);
	memcpy(prefix + n, "\4_sub", 5);
	return dns_name_join(out, prefix, n + 5, type) > 0;
}

/* Returns the offset of a subtype in a list, or the list's end. */
static size_t offset_of(const struct view *v, const struct undo_list *l, const uint8_t *label)
{
	uint32_t hash = label_hash(v, label);
	size_t at = 0;

	while (at < l->nbytes) {
		const uint8_t *other = l->bytes + at + HASH_NBYTES;

		if (base_load32(l->bytes + at) == hash && label_equal(other, label))
			break;
		at += HASH_NBYTES + 1u + other[0];
	}
	return at;
}

unsigned view_subtypes_of(const struct view *v, const uint8_t *zone, const uint8_t *instance)
{
	return v->subtypes.count == 0 ? 0
				      : view_subtype_count(view_subtype_list(v, zone, instance));
}

unsigned view_subtypes(const struct view *v, const uint8_t *zone, const uint8_t *instance,
		       const uint8_t *subtype)
{
	const struct undo_list *l = view_subtype_list(v, zone, instance);

	if (l != NULL && offset_of(v, l, subtype) < l->nbytes)
		return 0;
	return 1 + view_subtype_count(l);
}

int view_subtype_add(struct view *v, const uint8_t *zone, const uint8_t *instance,
		     const uint8_t *label)
{
	const struct undo_list *l = view_subtype_list(v, zone, instance);
	size_t nbefore = l == NULL ? 0 : l->nbytes, n = HASH_NBYTES + 1u + label[0];
	struct undo_entry *e;
	struct undo_list *next;
	struct undo_key key;

	if (l != NULL && offset_of(v, l, label) < nbefore)
		return 0;
	undo_table_key(&v->subtypes, &key, zone, instance, 0);
	e = undo_table_take(&v->subtypes, &key);
	next = malloc(sizeof(*next) + nbefore + n);
	if (e == NULL || next == NULL) {
		free(next);
		return -ENOMEM;
	}
	if (nbefore > 0)
		memcpy(next->bytes, l->bytes, nbefore);
	base_store32(next->bytes + nbefore, label_hash(v, label));
	memcpy(next->bytes + nbefore + HASH_NBYTES, label, 1u + label[0]);
	next->nbytes = nbefore + n;
	return undo_table_put(&v->subtypes, e, next);
}

int view_subtype_remove(struct view *v, const uint8_t *zone, const uint8_t *instance,
			const uint8_t *label)
{
	const struct undo_list *l = view_subtype_list(v, zone, instance);
	size_t at = l == NULL ? 0 : offset_of(v, l, label), n = HASH_NBYTES + 1u + label[0];
	uint8_t *bytes;
	int ret;

	if (l == NULL || at == l->nbytes)
		return 0;
	bytes = malloc(l->nbytes);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, l->bytes, at);
	memcpy(bytes + at, l->bytes + at + n, l->nbytes - at - n);
	ret = undo_list_put(&v->subtypes, zone, instance, bytes, l->nbytes - n);
	free(bytes);
	return ret;
}

int view_subtype_clear(struct view *v, const uint8_t *zone, const uint8_t *instance)
{
	return undo_list_put(&v->subtypes, zone, instance, NULL, 0);
}

int view_subtype_copy(struct view *to, const struct view *from, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&from->subtypes, zone, e)) != NULL) {
		const struct undo_list *l = e->content;
		const uint8_t *label;

		for (size_t at = 0; ret == 0 && (label = view_subtype_next(l, &at)) != NULL;)
			ret = view_subtype_add(to, zone, undo_entry_name(e), label);
	}
	return ret;
}

/* Subtypes are added at the end of a list, and a removal keeps the order of the others: both lists
 * are compared in one walk. */
int view_subtype_changes(const struct undo_entry *e,
			 int (*each)(void *arg, const struct undo_entry *e, const uint8_t *label,
				     bool is_added),
			 void *arg)
{
	const struct undo_list *before = e->before, *now = e->content;
	size_t left = 0, right = 0, next = 0;
	const uint8_t *old, *label;
	int ret = 0;

	while (ret == 0 && (old = view_subtype_next(before, &left)) != NULL) {
		next = right;
		label = view_subtype_next(now, &next);
		if (label != NULL && memcmp(old, label, 1u + old[0]) == 0)
			right = next;
		else
			ret = each(arg, e, old, false);
	}
	while (ret == 0 && (label = view_subtype_next(now, &right)) != NULL)
		ret = each(arg, e, label, true);
	return ret;
}
