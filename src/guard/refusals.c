/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "guard/refusals.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

enum {
	PLACES = 512,	   /* for those that were proved, and as many for the others */
	GATE_MAX = 50,	   /* that a worker hands on in a second, of each kind */
	SKIP_MAX = 16,	   /* after which skipped ones are counted in the log */
	AGAIN_S = 10,	   /* after which a line is repeated */
	LINES_MAX = 50,	   /* in 10 s, of each kind */
};

struct place {
	uint64_t hash; /* of what makes refusals alike */
	uint64_t logged_s;
	uint64_t nunlogged;
	struct guard_refusal refusal; /* count 0: the place is free */
};

struct guard_refusals {
	pthread_mutex_t lock;
	struct place places[2][PLACES]; /* under `lock`; by `is_proved` */
};

static const struct {
	const char *text;
	enum base_log_level level;
	const char *mend;
} reasons[GUARD_REASONS] = {
	[GUARD_NOT_REFUSED] = {"-", BASE_LOG_DEBUG, ""},
	[GUARD_BAD_MAC] = {"bad-mac", BASE_LOG_WARNING,
			   "the client has another secret for this key: issue the key again "
			   "(weft key issue), and give the client the new file"},
	[GUARD_SHORT_MAC] = {"short-mac", BASE_LOG_WARNING,
			     "have the client send the whole MAC, or configure the key for the "
			     "shorter one"},
	[GUARD_BAD_TIME] = {"bad-time", BASE_LOG_WARNING,
			    "set the clocks of the client and of this host (NTP)"},
	[GUARD_REPLAYED] = {"replayed", BASE_LOG_WARNING,
			    "the client signs again and sends anew; if it did not send this, "
			    "somebody replays its messages"},
	[GUARD_UNKNOWN_KEY] = {"unknown-key", BASE_LOG_INFO,
			       "correct the key's name in the client, or configure the key or its "
			       "fabric, and reload weftd"},
	[GUARD_WRONG_ALGORITHM] = {"wrong-algorithm", BASE_LOG_WARNING,
				   "have the client use the algorithm of the key"},
	[GUARD_REVOKED_KEY] = {"revoked-key", BASE_LOG_WARNING,
			       "give the client a key of another name, or lift the revocation "
			       "(weft key restore)"},
	[GUARD_OUTDATED_KEY] = {"outdated-key", BASE_LOG_WARNING,
				"the epoch of this key is over: issue the key again (weft key "
				"issue), and give the client the new file"},
	[GUARD_MALFORMED_TSIG] = {"malformed-tsig", BASE_LOG_INFO,
				  "the client's software sends a faulty signature"},
	[GUARD_UNSIGNED] = {"unsigned", BASE_LOG_INFO,
			    "have the client sign its updates (nsupdate -k FILE)"},
	[GUARD_NOT_PERMITTED] = {"not-permitted", BASE_LOG_WARNING,
				 "permit the key in update of this zone, or use a key that is"},
	[GUARD_FOREIGN_ZONE] = {"foreign-zone", BASE_LOG_INFO,
				"name a zone of this weftd in the update (weft zone list), or "
				"configure the zone"},
	[GUARD_TRANSFER] = {"transfer", BASE_LOG_INFO,
			    "permit the key or the address in transfer of this zone"},
	[GUARD_POLICY] = {"policy", BASE_LOG_INFO,
			  "permit the change in the zone's policy, or use a key that may make it"},
	[GUARD_CONFLICT] =
		{"conflict", BASE_LOG_INFO,
		 "the name belongs to another key, or to a newer incarnation: choose "
		 "another name, use the owner's key, or end its lease (weft lease drop)"},
	[GUARD_PREREQUISITE] = {"prerequisite", BASE_LOG_INFO,
				"the client's own condition is not met"},
	[GUARD_MALFORMED] = {"malformed", BASE_LOG_INFO,
			     "correct the update that the client sends"},
	[GUARD_SIZE] = {"size", BASE_LOG_INFO,
			"register less at the name, or raise limits of this zone"},
	[GUARD_QUOTA] =
		{"quota", BASE_LOG_INFO,
		 "register less with this key (weft key usage), or raise quota of this zone"},
	[GUARD_WORK] = {"work", BASE_LOG_INFO, "divide the update into several"},
	[GUARD_NOT_STORED] = {"not-stored", BASE_LOG_WARNING,
			      "see weftd's errors: the disk, or memory"},
	[GUARD_QUEUE_FULL] = {"queue-full", BASE_LOG_WARNING,
			      "have the client try again, or raise server.update-queue"},
};

const char *guard_reason_text(unsigned reason)
{
	return reason < GUARD_REASONS ? reasons[reason].text : "-";
}

const char *guard_reason_mend(unsigned reason)
{
	return reason < GUARD_REASONS ? reasons[reason].mend : "";
}

struct guard_refusals *guard_refusals_new(void)
{
	/* Large enough for calloc to map pages, which cost nothing until they are used. */
	struct guard_refusals *rs = calloc(1, sizeof(*rs));

	if (rs != NULL)
		pthread_mutex_init(&rs->lock, NULL);
	return rs;
}

void guard_refusals_free(struct guard_refusals *rs)
{
	if (rs == NULL)
		return;
	pthread_mutex_destroy(&rs->lock);
	free(rs);
}

/* What the log calls the peers that cause refusals, by `is_proved`. */
static const char *const peers[2] = {"refused requests", "refused requests with a valid key"};

bool guard_gate_take(struct guard_gate *gate, bool is_proved, uint64_t now_s)
{
	uint32_t *skipped = &gate->skipped[is_proved];
	bool is_taken;

	if (gate->now_s != now_s) {
		gate->now_s = now_s;
		gate->taken[0] = gate->taken[1] = 0;
	}
	is_taken = gate->taken[is_proved] < GATE_MAX;
	gate->taken[is_proved] += is_taken;
	*skipped += !is_taken;
	if (*skipped >= SKIP_MAX || (is_taken && *skipped > 0)) {
		base_log_leave_out(peers[is_proved], *skipped);
		*skipped = 0;
	}
	return is_taken;
}

/* Returns how long the address is, without the port. */
static size_t address_nchars(const char *client)
{
	return strcspn(client, "@");
}

static uint64_t hash_of(const struct guard_refusal *r)
{
	uint64_t hash = base_hash(r->key, dns_name_nbytes(r->key), r->reason);

	hash = base_hash(r->zone, dns_name_nbytes(r->zone), hash);
	hash = base_hash(r->request, strlen(r->request), hash);
	return base_hash(r->client, address_nchars(r->client), hash);
}

/* Finds the place of refusals like this one; if there is none a free one, or that of the oldest. */
static struct place *place_find(struct place *places, uint64_t hash)
{
	struct place *oldest = &places[0];

	for (unsigned i = 0; i < PLACES; i++) {
		struct place *p = &places[i];

		if (p->refusal.count > 0 && p->hash == hash)
			return p;
		if (p->refusal.last_s < oldest->refusal.last_s)
			oldest = p;
	}
	*oldest = (struct place){.hash = hash};
	return oldest;
}

/* Remembers the refusal. Returns how many like it no line of the log has yet; 0 if they are to get
 * none now. */
static uint64_t remember(struct guard_refusals *rs, const struct guard_refusal *refusal,
			 uint64_t now_s)
{
	uint64_t hash = hash_of(refusal), first_s, count, n = 0;
	struct place *p;

	pthread_mutex_lock(&rs->lock);
	p = place_find(rs->places[refusal->is_proved], hash);
	count = p->refusal.count;
	first_s = count == 0 ? now_s : p->refusal.first_s;
	p->refusal = *refusal;
	p->refusal.first_s = first_s;
	p->refusal.last_s = now_s;
	p->refusal.count = count + 1;
	p->nunlogged++;
	if (count == 0 || now_s - p->logged_s >= AGAIN_S) {
		n = p->nunlogged;
		p->logged_s = now_s;
		p->nunlogged = 0;
	}
	pthread_mutex_unlock(&rs->lock);
	return n;
}

static void log_refusal(const struct guard_refusal *r, uint64_t count)
{
	char key[DNS_NAME_TEXT_MAX] = "-", zone[DNS_NAME_TEXT_MAX] = "-";
	char why[2 * GUARD_WHY_MAX], more[32] = "";

	if (r->key[0] != 0)
		dns_name_to_text(key, r->key);
	if (r->zone[0] != 0)
		dns_name_to_text(zone, r->zone);
	if (count > 1)
		snprintf(more, sizeof(more), " count=%llu", (unsigned long long)count);
	base_log(reasons[r->reason].level, "server",
		 "refused reason=%s request=%s client=%s zone=%s key=%s why=%s%s",
		 reasons[r->reason].text, r->request, r->client, zone, key,
		 base_log_quote(why, sizeof(why), r->why), more);
}

void guard_refusals_add(struct guard_refusals *rs, const struct guard_refusal *refusal,
			bool must_log, uint64_t now_s)
{
	uint64_t count = remember(rs, refusal, now_s);

	if (!must_log)
		return;
	if (count == 0)
		base_log_leave_out(peers[refusal->is_proved], 1);
	else if (base_log_may_few(peers[refusal->is_proved], LINES_MAX))
		log_refusal(refusal, count);
}

/* ---- finding ---- */

static bool is_of(const struct guard_refusal *r, const char *key_or_client)
{
	size_t n = strlen(key_or_client), naddress = address_nchars(r->client);
	char key[DNS_NAME_TEXT_MAX];

	if (strcmp(r->client, key_or_client) == 0 ||
	    (naddress == n && memcmp(r->client, key_or_client, n) == 0))
		return true;
	if (r->key[0] == 0 || n == 0)
		return false;
	dns_name_to_text(key, r->key);
	return strncasecmp(key, key_or_client, n) == 0 &&
	       (key[n] == '\0' || key[n] == '.' || key[n - 1] == '.');
}

/* The newest first. */
static int compare(const void *left, const void *right)
{
	const struct guard_refusal *a = left, *b = right;

	return (a->last_s < b->last_s) - (a->last_s > b->last_s);
}

/* Adds a refusal to the `n` in `out`, instead of the oldest if there are `max`. Returns how many
 * there are then. */
static size_t add_newest(struct guard_refusal *out, size_t n, size_t max,
			 const struct guard_refusal *r)
{
	struct guard_refusal *oldest = out;

	if (n < max) {
		out[n] = *r;
		return n + 1;
	}
	for (size_t i = 1; i < n; i++)
		if (out[i].last_s < oldest->last_s)
			oldest = &out[i];
	if (n > 0 && oldest->last_s < r->last_s)
		*oldest = *r;
	return n;
}

size_t guard_refusals_find(struct guard_refusals *rs, const char *key_or_client,
			   struct guard_refusal *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&rs->lock);
	for (unsigned kind = 0; kind < 2; kind++)
		for (unsigned i = 0; i < PLACES; i++) {
			const struct guard_refusal *r = &rs->places[kind][i].refusal;

			if (r->count > 0 && is_of(r, key_or_client))
				n = add_newest(out, n, max, r);
		}
	pthread_mutex_unlock(&rs->lock);
	if (n > 0)
		qsort(out, n, sizeof(*out), compare);
	return n;
}
