/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/part.h - one entry group of Avahi's: a part of a group (lan/group.h).
 *
 * Avahi limits the entries of an entry group, and does not let one grow that was committed: so a
 * group may have several parts. A part knows its entries, which it has a copy of. The daemon's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <avahi-client/publish.h>

#include "lan/record.h"

struct lan_client;
struct lan_daemon;
struct lan_object;

/* A record on one interface. */
struct lan_entry {
	STAILQ_ENTRY(lan_entry) link;
	struct lan_record record; /* views of what follows the entry in memory, or of `changed` */
	int interface;
	bool is_wanted; /* the group's, while it compares */
	uint8_t *changed;
	uint8_t bytes[]; /* owner and rdata */
};

struct lan_part {
	STAILQ_ENTRY(lan_part) link;
	struct lan_object *object; /* the group's, which has its turn when the state has changed */
	struct lan_client *client;
	AvahiEntryGroup *avahi;
	AvahiEntryGroupState state;
	unsigned nentries;
	bool is_affected; /* the group's, while it compares */
	STAILQ_HEAD(, lan_entry) entries;
};

/* Makes an empty part with one of Avahi's groups. Returns 0, -EAGAIN: the daemon is away; -ENOSPC:
 * Avahi has no room; -EINVAL with `why`; -ENOMEM. */
int lan_part_new(struct lan_part **out, struct lan_object *object, const char **why);

/* Adds a record; without `does_probe` it is known to be nobody else's. Returns 0, -E2BIG if Avahi
 * does not take more entries in a group, -EEXIST if the name is taken by another program of this
 * host, or as lan_part_new. */
int lan_part_add(struct lan_part *p, const struct lan_record *record, int interface,
		 bool does_probe, const char **why);

/* Replaces TTL and rdata of an entry, on the LAN as well. Returns as lan_part_add. */
int lan_part_update(struct lan_part *p, struct lan_entry *entry, const struct lan_record *record,
		    const char **why);

/* Publishes the entries. Returns as lan_part_new. */
int lan_part_commit(struct lan_part *p, const char **why);

/* Withdraws the entries and frees the part. */
void lan_part_free(struct lan_part *p);

/* Frees a part whose client is freed next. */
void lan_part_lose(struct lan_part *p);
