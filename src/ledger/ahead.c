/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/ahead.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "dns/name.h"

static const uint8_t root[] = "";

int ledger_ahead_init(struct ledger_ahead *a, uint64_t seed)
{
	return undo_table_init(&a->table, sizeof(struct undo_entry), seed, free, free);
}

void ledger_ahead_fini(struct ledger_ahead *a)
{
	undo_table_fini(&a->table);
}

const uint8_t *ledger_ahead_key(const struct undo_entry *e)
{
	return undo_entry_zone(e);
}

uint64_t ledger_ahead_signed_s(const struct undo_entry *e)
{
	return *(const uint64_t *)e->content;
}

int ledger_ahead_note(struct ledger_ahead *a, const uint8_t *key, uint64_t signed_s)
{
	struct undo_entry *e;
	struct undo_key k;
	uint64_t *content;

	undo_table_key(&a->table, &k, key, root, 0);
	e = undo_table_take(&a->table, &k);
	if (e == NULL)
		return -ENOMEM;
	if (e->content != NULL && ledger_ahead_signed_s(e) >= signed_s)
		return 0;
	content = malloc(sizeof(*content));
	if (content == NULL)
		return -ENOMEM;
	*content = signed_s;
	return undo_table_put(&a->table, e, content);
}

int ledger_ahead_read(struct ledger_ahead *a, const uint8_t *key, size_t nkey, const uint8_t *bytes,
		      size_t nbytes)
{
	struct base_buf b = base_buf_over(key, nkey);
	uint8_t name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&b, name);
	if (b.has_failed || base_buf_left(&b) != 2 || nbytes != LEDGER_AHEAD_ITEM_SIZE)
		return -EBADMSG;
	ret = ledger_ahead_note(a, name, base_load64(bytes));
	undo_table_commit(&a->table, NULL, NULL);
	return ret;
}
