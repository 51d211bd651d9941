/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "follow/node.h"

/* What a watch follows:
 *
 * 1. Of a type the PTR records, and the SRV records at the type itself, as one subscription. Each
 *    PTR is a node. The SRV records are shown only while it is known that there is no PTR.
 * 2. Of an instance, or another name with SRV records, the node of that name.
 * 3. Of a host, its addresses.
 *
 * Events of the client only mark what has changed. It is looked at once for a turn, when all has
 * been reported (watch_settle): so an update of several records is one change, and what memory was
 * short for is tried again, because the client still has it. */

enum { AGAIN_MS = 100 }; /* after memory was short */

struct follow_watch {
	struct follow_user user;
	struct follow *follower;
	struct find_name name;
	struct follow_tracks tracks;
	struct follow_hosts hosts;
	struct follow_nodes nodes;
	struct follow_shown shown;
	struct follow_node *root; /* NULL: a host is followed, or an address is all there is */
	struct follow_host_user host;
	struct follow_shown_slot host_slot;
	size_t npointers; /* PTR records of a type */
	bool had_pointers;
	bool must_rescan; /* `npointers` and the nodes are to be made what the client has */
	bool has_ignored; /* instances, because there were too many */
	bool is_current, is_lost;
};

static void touched(void *arg)
{
	struct follow_watch *w = arg;

	follow_touch(w->follower, &w->user);
}

static const struct follow_track *root_track(const struct follow_watch *w)
{
	if (w->root != NULL)
		return &w->root->track;
	return w->host.host != NULL ? &w->host.host->track : NULL;
}

/* ---- the instances of a type ---- */

/* Lists the instance, or not any more. Returns false if memory is short. */
static bool instance_list(struct follow_watch *w, const uint8_t *name, bool is_listed)
{
	static const uint16_t types[] = {DNS_TYPE_SRV, DNS_TYPE_TXT};
	struct follow_node *n;

	if (dns_name_equal(name, w->root->entry.name))
		return true;
	n = follow_node_find(&w->nodes, name);
	if (n == NULL && is_listed) {
		if (w->nodes.entries.n > FOLLOW_WATCH_INSTANCES_MAX) {
			w->has_ignored = true;
			return true;
		}
		n = follow_node_new(&w->nodes, name, types, 2, true);
		if (n == NULL)
			return false;
	}
	if (n == NULL)
		return true;
	n->is_marked = is_listed;
	follow_node_list(n, is_listed);
	return true;
}

static void on_pointer(void *arg, bool is_added, const uint8_t *name)
{
	struct follow_watch *w = arg;

	w->npointers += is_added ? 1 : (size_t)-1;
	w->must_rescan |= !instance_list(w, name, is_added);
	touched(w);
}

static void entry_unmark(void *arg, struct follow_entry *e)
{
	(void)arg;
	((struct follow_node *)(void *)e)->is_marked = false;
}

static void pointer_rescan(void *arg, enum client_event event, const struct dns_record *record)
{
	struct follow_watch *w = arg;

	(void)event;
	if (record->type != DNS_TYPE_PTR)
		return;
	w->npointers++;
	w->must_rescan |= !instance_list(w, record->rdata, true);
}

static void entry_unlist(void *arg, struct follow_entry *e)
{
	struct follow_node *n = (struct follow_node *)(void *)e;

	(void)arg;
	if (n->is_instance && !n->is_marked)
		follow_node_list(n, false);
}

/* Makes the nodes those of the PTR records that there are. */
static void rescan(struct follow_watch *w)
{
	w->must_rescan = w->has_ignored = false;
	w->npointers = 0;
	follow_entries_each(&w->nodes.entries, entry_unmark, NULL);
	client_subscription_each(w->root->track.subscription, pointer_rescan, w);
	follow_entries_each(&w->nodes.entries, entry_unlist, NULL);
}

/* Shows the SRV records at a type while there is no PTR record. When the last one has gone, the
 * records are asked for again: the SRV records may be about to go, too. */
static void type_settle(struct follow_watch *w)
{
	enum client_known known;

	if (w->must_rescan || (w->has_ignored && w->nodes.entries.n <= FOLLOW_WATCH_INSTANCES_MAX))
		rescan(w);
	if (w->npointers > 0) {
		w->had_pointers = true;
		follow_node_list(w->root, false);
		return;
	}
	if (w->had_pointers)
		follow_track_refresh(&w->tracks, &w->root->track);
	w->had_pointers = false;
	known = follow_track_known(&w->tracks, &w->root->track);
	if (w->root->is_known && (known == CLIENT_KNOWN_PUSHED || known == CLIENT_KNOWN_POLLED))
		follow_node_list(w->root, true);
}

/* ---- a host ---- */

static void host_settle(struct follow_watch *w, bool *is_short)
{
	const struct follow_host *host = follow_host_end(w->host.host);
	struct find_parts parts = {
		.name = w->name.name, .target = w->name.name, .port = w->name.port};

	if (host == NULL)
		return;
	if (host->naddresses == 0) {
		follow_shown_remove(&w->shown, &w->host_slot);
		return;
	}
	parts.ttl_s = host->ttl_s;
	*is_short |= follow_shown_set(&w->shown, &w->host_slot, &parts, host->addresses,
				      host->naddresses) < 0;
}

static void on_host(void *arg, struct follow_host_user *user)
{
	struct follow_watch *w = arg;

	if (user == &w->host)
		touched(w);
	else
		follow_node_on_host(user);
}

/* An address stands for itself: it is always there. */
static void address_settle(struct follow_watch *w, bool *is_short)
{
	struct sockaddr_storage address;
	struct find_parts parts = {
		.name = w->name.name, .target = w->name.name, .port = w->name.port};

	memcpy(&address, w->name.address, sizeof(address));
	*is_short |= follow_shown_set(&w->shown, &w->host_slot, &parts, &address, 1) < 0;
}

/* ---- whether all is known ---- */

static bool has_dirty(const struct follow_watch *w)
{
	return w->nodes.dirty != NULL || w->hosts.dirty != NULL;
}

/* Takes whether the last look-ups of the root have failed since this was asked last. */
static bool take_failure(struct follow_watch *w)
{
	bool *flag = w->root != NULL ? &w->root->has_failed : &w->host.host->has_failed;
	bool has_failed = *flag;
	enum client_known known = follow_track_known(&w->tracks, root_track(w));

	*flag = false;
	return follow_has_none(w->follower) ||
	       (has_failed && (known == CLIENT_KNOWN_UNREACHED || known == CLIENT_KNOWN_REFUSED));
}

static void current_settle(struct follow_watch *w)
{
	const struct follow_track *root = root_track(w);

	if (root != NULL && take_failure(w)) {
		if (w->is_lost)
			return;
		w->is_lost = true;
		w->is_current = false;
		follow_tracks_doubt(&w->tracks);
		follow_shown_send(&w->shown, FOLLOW_WATCH_LOST);
		return;
	}
	if (w->is_current || w->must_rescan || has_dirty(w) ||
	    (root != NULL && !follow_tracks_are_known(&w->tracks, root)))
		return;
	w->is_current = true;
	w->is_lost = false;
	follow_shown_send(&w->shown, FOLLOW_WATCH_CURRENT);
}

/* Whether it is not known yet how the type is shown: no event comes for an answer that changes
 * nothing. */
static bool is_undecided(const struct follow_watch *w)
{
	return w->root != NULL && w->npointers == 0 && !w->root->is_listed;
}

static void watch_settle(void *arg, uint64_t now_ms)
{
	struct follow_watch *w = arg;
	uint64_t wake_ms;
	bool is_short;

	if (w->root != NULL && w->name.kind == FIND_TYPE)
		type_settle(w);
	is_short = w->must_rescan;
	is_short |= follow_hosts_settle(&w->hosts) < 0;
	wake_ms = follow_nodes_settle(&w->nodes, now_ms, &is_short);
	if (w->host.host != NULL)
		host_settle(w, &is_short);
	else if (w->root == NULL)
		address_settle(w, &is_short);
	if (w->shown.is_over)
		return;
	if (is_short && now_ms + AGAIN_MS < wake_ms)
		wake_ms = now_ms + AGAIN_MS;
	follow_wake(w->follower, &w->user, wake_ms);
	if (!is_short)
		current_settle(w);
	w->user.wants_turns =
		!w->is_current || has_dirty(w) || w->nodes.leaving != NULL || is_undecided(w);
}

/* ---- the watch ---- */

static void watch_end(void *arg)
{
	struct follow_watch *w = arg;

	follow_nodes_fini(&w->nodes);
	follow_host_leave(&w->host);
	follow_hosts_fini(&w->hosts);
	follow_shown_fini(&w->shown);
	free(w);
}

static int root_begin(struct follow_watch *w)
{
	static const struct {
		uint16_t types[2];
		unsigned ntypes;
	} of[] = {
		[FIND_TYPE] = {{DNS_TYPE_PTR, DNS_TYPE_SRV}, 2},
		[FIND_INSTANCE] = {{DNS_TYPE_SRV, DNS_TYPE_TXT}, 2},
		[FIND_NAME] = {{DNS_TYPE_SRV}, 1},
	};

	if (w->name.kind == FIND_HOST)
		return w->name.is_address ? 0 : follow_host_use(&w->hosts, &w->host, w->name.name);
	w->root = follow_node_new(&w->nodes, w->name.name, of[w->name.kind].types,
				  of[w->name.kind].ntypes, false);
	if (w->root == NULL)
		return -ENOMEM;
	w->root->is_listed = w->name.kind != FIND_TYPE;
	return 0;
}

int follow_watch_new(struct follow_watch **out, struct follow *f, const struct find_name *name,
		     follow_watch_fn on_event, void *arg)
{
	struct follow_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -ENOMEM;
	w->user = (struct follow_user){.settle = watch_settle, .end = watch_end, .arg = w};
	w->follower = f;
	w->name = *name;
	w->tracks.client = follow_client(f);
	w->hosts = (struct follow_hosts){
		.tracks = &w->tracks, .on_touched = touched, .on_changed = on_host, .arg = w};
	w->shown = (struct follow_shown){.on_event = on_event, .arg = arg};
	w->nodes = (struct follow_nodes){
		.tracks = &w->tracks,
		.hosts = &w->hosts,
		.shown = &w->shown,
		.on_touched = touched,
		.on_pointer = on_pointer,
		.arg = w,
	};
	if (root_begin(w) < 0) {
		watch_end(w);
		return -ENOMEM;
	}
	follow_add(f, &w->user);
	*out = w;
	return 0;
}

void follow_watch_free(struct follow_watch *w)
{
	if (w == NULL)
		return;
	w->shown.is_over = true;
	follow_remove(w->follower, &w->user);
}

bool follow_watch_is_current(const struct follow_watch *w)
{
	return w->is_current;
}

bool follow_watch_is_pushed(const struct follow_watch *w)
{
	const struct follow_track *root = root_track(w);

	return root != NULL && follow_track_known(&w->tracks, root) == CLIENT_KNOWN_PUSHED;
}

struct find_instance *const *follow_watch_instances(const struct follow_watch *w, size_t *n)
{
	*n = w->shown.n;
	return w->shown.all;
}
