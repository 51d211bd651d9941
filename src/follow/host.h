/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/host.h - the addresses of the hosts that the instances of a watch run on.
 *
 * A host is followed as long as it has users, once for all of them. An alias (CNAME) is followed to
 * its end. It does not know what runs on a host. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "follow/entry.h"
#include "follow/track.h"

struct follow_host;

enum {
	FOLLOW_HOST_ADDRESSES_MAX = 256, /* of a host; others are ignored */
	FOLLOW_HOST_ALIASES_MAX = 8,	 /* that follow each other */
};

/* One that uses a host; all zero: none. */
struct follow_host_user {
	struct follow_host *host, *alias; /* `alias`: the user is this host, else NULL */
	struct follow_host_user *next, **link;
};

/* All hosts of a watch; all zero but for the first four. */
struct follow_hosts {
	struct follow_tracks *tracks;
	void (*on_touched)(void *arg); /* follow_hosts_settle wants to be called */
	void (*on_changed)(void *arg, struct follow_host_user *user); /* called by it */
	void *arg;
	struct follow_entries entries;
	struct follow_host *dirty; /* also while its records are not known */
};

struct follow_host {
	struct follow_entry entry;
	struct follow_track track;
	struct follow_hosts *all;
	struct follow_host *next_dirty, **link_dirty; /* NULL: it is not */
	struct follow_host_user *users;
	struct follow_host_user alias; /* the host whose name the CNAME has */
	unsigned depth;		       /* of the aliases that lead here */
	struct sockaddr_storage *addresses;
	size_t naddresses, size;
	uint32_t ttl_s;	 /* the least of the addresses' */
	bool is_known;	 /* or refused: it has no addresses then */
	bool has_failed; /* CLIENT_EVENT_FAILED; for the caller to reset */
};

/* Has the user use the host of this name instead of the one it uses. Returns 0, or -ENOMEM with
 * the user unchanged. */
int follow_host_use(struct follow_hosts *all, struct follow_host_user *user, const uint8_t *name);

/* Ends using a host, if there is one. */
void follow_host_leave(struct follow_host_user *user);

/* Returns where the aliases that begin at the host end: the host with the addresses; NULL as long
 * as not all is known. */
const struct follow_host *follow_host_end(const struct follow_host *h);

/* Reads what has changed, and calls `on_changed` for the users; `dirty` has those left that are to
 * be looked at again when more has come. Returns 0, or -ENOMEM: it is to be called again. */
int follow_hosts_settle(struct follow_hosts *all);

/* Ends following all hosts; users must not look at theirs any more. */
void follow_hosts_fini(struct follow_hosts *all);
