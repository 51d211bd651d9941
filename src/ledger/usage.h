/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/usage.h - how much each key has registered in each zone, for quotas (weft(7)).
 *
 * A key's instances are the names that it owns (ledger/owner.h). Its records and their octets are
 * those at these names, the PTRs at subtypes that these instances were registered with (also while
 * the view withholds them), those at its node's names, and of its reports. Its leases are those
 * that it was granted; the lease of a report counts as a report instead. Nothing of this is stored:
 * it is counted when the ledger starts (ledger_start) and when a zone is first seen
 * (ledger_count_zone), and follows each change: of owners and leases by itself, of the records at a
 * name by ledger_count.
 *
 * Changes belong to the batch. The table knows no quota. Only the registrar thread may touch it,
 * and main before that thread runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

struct ledger_content;

/* What is counted. */
enum ledger_kind {
	LEDGER_INSTANCES,
	LEDGER_RECORDS,
	LEDGER_OCTETS, /* in an answer: 12 octets and the rdata of each record */
	LEDGER_LEASES,
	LEDGER_REPORTS,
	LEDGER_KINDS,
};

/* Returns what amounts of a kind are called: "instances". */
const char *ledger_kind_text(enum ledger_kind kind);

/* Amounts by enum ledger_kind. */
struct ledger_amounts {
	uint64_t of[LEDGER_KINDS];
};

/* The two names of a node. */
enum ledger_node_name { LEDGER_NODE, LEDGER_NODE_CHALLENGE, LEDGER_NODE_NAMES };

/* What a key has in a zone: the content of its entry. */
struct ledger_usage {
	struct ledger_amounts amounts;
	/* Of the records, those at the names of its node, as counted last. */
	uint32_t node_nrecords[LEDGER_NODE_NAMES], node_nbytes[LEDGER_NODE_NAMES];
};

struct ledger_usages {
	struct undo_table table; /* by zone and key; content: a struct ledger_usage */
};

/* Makes an empty table; `seed` keys its hashes. Returns 0 or -ENOMEM. */
int ledger_usages_init(struct ledger_usages *u, uint64_t seed);

/* Frees what the table holds. */
void ledger_usages_fini(struct ledger_usages *u);

/* Returns what `key` has in `zone` (wire names in any case): zeros if that is nothing. */
struct ledger_amounts ledger_usage_of(const struct ledger_usages *u, const uint8_t *zone,
				      const uint8_t *key);

/* Reports that the entry `e` of the table of owners, or of leases, is to get another content (NULL:
 * none). They fit undo_table's `on_put`, with a struct ledger_usages as argument. Return 0 or
 * -ENOMEM. */
int ledger_usage_on_owner(void *usages, const struct undo_entry *e, const void *content);
int ledger_usage_on_lease(void *usages, const struct undo_entry *e, const void *content);

/* Adds the records of a report and their octets to `a`: those that its lease covers. */
void ledger_usage_add_report(struct ledger_amounts *a, const struct ledger_content *c);

/* Notes what one of the names of a node holds; `key` is the node's. Returns 0 or -ENOMEM. */
int ledger_usage_set_node(struct ledger_usages *u, const uint8_t *zone, const uint8_t *key,
			  enum ledger_node_name name, uint32_t nrecords, uint32_t nbytes);

/* Notes that the names of all nodes of a zone hold nothing, before they are counted again. Returns
 * 0 or -ENOMEM. */
int ledger_usage_forget_nodes(struct ledger_usages *u, const uint8_t *zone);
