/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/node.h - the names that a watch follows for their SRV records: instances, a type, any
 * name.
 *
 * Its SRV records are items (follow/item.h), which are shown or not together. It does not know why
 * a node is listed. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "follow/entry.h"
#include "follow/host.h"
#include "follow/item.h"
#include "follow/shown.h"
#include "follow/track.h"

struct follow_node;

enum { FOLLOW_NODE_GRACE_MS = 50 }; /* for what is pushed beside the end of a listing */

/* All nodes of a watch; all zero but for the first members. */
struct follow_nodes {
	struct follow_tracks *tracks;
	struct follow_hosts *hosts;
	struct follow_shown *shown;
	void (*on_touched)(void *arg); /* follow_nodes_settle wants to be called */
	/* A PTR record of a node was added or removed. */
	void (*on_pointer)(void *arg, bool is_added, const uint8_t *name);
	void *arg;
	struct follow_entries entries;
	struct follow_node *dirty; /* also while its records are not known */
	struct follow_node *leaving;
};

struct follow_node {
	struct follow_entry entry;
	struct follow_track track;
	struct follow_nodes *all;
	struct follow_node *next_dirty;
	struct follow_node *next_leaving, **link_leaving; /* NULL: it is not */
	struct follow_items items;
	uint64_t leaves_ms;
	bool is_instance; /* that a PTR lists: it has a TXT, and may drain without being listed */
	bool is_listed;	  /* its items are to be shown */
	bool is_marked;	  /* for the caller */
	bool is_known, is_dirty, is_refreshed;
	bool has_failed; /* CLIENT_EVENT_FAILED; for the caller to reset */
};

/* Returns the node of the name, or NULL. */
struct follow_node *follow_node_find(const struct follow_nodes *all, const uint8_t *name);

/* Makes a node for the records of these types, which is not listed. Returns NULL if memory is
 * short. */
struct follow_node *follow_node_new(struct follow_nodes *all, const uint8_t *name,
				    const uint16_t *types, unsigned ntypes, bool is_instance);

/* Lists the node, or not any more: an instance is not gone before its records, asked for again,
 * do not explain that it drains; then it is freed. */
void follow_node_list(struct follow_node *n, bool is_listed);

/* Takes that the target of an item has other addresses. */
void follow_node_on_host(struct follow_host_user *user);

/* Reports what has changed; `dirty` has those left that are to be looked at again when more has
 * come. Returns when it is to be called again even if nothing has changed;
 * UINT64_MAX: not by time. Stops when the watch is over. `is_short`: memory was, and it is to be
 * called again. */
uint64_t follow_nodes_settle(struct follow_nodes *all, uint64_t now_ms, bool *is_short);

/* Frees all nodes; nothing is reported. */
void follow_nodes_fini(struct follow_nodes *all);
