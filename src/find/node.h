/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/node.h - the names that a watch follows for their SRV records: instances, a type, any name.
 *
 * Each SRV record is an item, shown with the node's TXT and the addresses of its target as soon as
 * all of that is known. It does not know why a node is listed. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/entry.h"
#include "find/host.h"
#include "find/shown.h"
#include "find/track.h"

struct find_item;
struct find_node;

enum {
	FIND_NODE_ITEMS_MAX = 4096, /* SRV records of a node; others are ignored */
	FIND_NODE_GRACE_MS = 50,    /* for what is pushed beside the end of a listing */
};

/* All nodes of a watch; all zero but for the first members. */
struct find_nodes {
	struct find_tracks *tracks;
	struct find_hosts *hosts;
	struct find_shown *shown;
	void (*on_touched)(void *arg); /* find_nodes_settle wants to be called */
	/* A PTR record of a node was added or removed. */
	void (*on_pointer)(void *arg, bool is_added, const uint8_t *name);
	void *arg;
	struct find_entries entries;
	struct find_node *dirty; /* also while its records are not known */
	struct find_node *leaving;
};

struct find_node {
	struct find_entry entry;
	struct find_track track;
	struct find_nodes *all;
	struct find_node *next_dirty;
	struct find_node *next_leaving, **link_leaving; /* NULL: it is not */
	struct find_item **items; /* in the order of their targets and ports */
	size_t nitems;
	uint64_t leaves_ms;
	bool is_instance; /* that a PTR lists: it has a TXT, and may drain without being listed */
	bool is_listed;	  /* its items are to be shown */
	bool is_marked;	  /* for the caller */
	bool is_known, is_dirty, is_refreshed;
	bool has_failed; /* CLIENT_EVENT_FAILED; for the caller to reset */
};

/* Returns the node of the name, or NULL. */
struct find_node *find_node_find(const struct find_nodes *all, const uint8_t *name);

/* Makes a node for the records of these types, which is not listed. Returns NULL if memory is
 * short. */
struct find_node *find_node_new(struct find_nodes *all, const uint8_t *name, const uint16_t *types,
				unsigned ntypes, bool is_instance);

/* Lists the node, or not any more: an instance is not gone before its records, asked for again,
 * do not explain that it drains; then it is freed. */
void find_node_list(struct find_node *n, bool is_listed);

/* Takes that the target of an item has other addresses. */
void find_node_on_host(struct find_host_user *user);

/* Reports what has changed; `dirty` has those left that are to be looked at again when more has
 * come. Returns when it is to be called again even if nothing has changed;
 * UINT64_MAX: not by time. Stops when the watch is over. `is_short`: memory was, and it is to be
 * called again. */
uint64_t find_nodes_settle(struct find_nodes *all, uint64_t now_ms, bool *is_short);

/* Frees all nodes; nothing is reported. */
void find_nodes_fini(struct find_nodes *all);
