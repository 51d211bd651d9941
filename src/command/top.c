/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/top.h"

#include "base/clock.h"
#include "base/histogram.h"
#include "command/json.h"
#include "command/stats.h"
#include "command/status.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "fabric/uses.h"
#include "registry/registrar.h"
#include "server/server.h"
#include "store/store.h"

enum {
	KEYS_MAX = 1000,    /* of an answer; each takes about a microsecond */
	KEYS_WITHIN_S = 60, /* have signed something; it is longer than a refresh usually waits */
};

static json_t *keys_json(const struct daemon *d)
{
	struct fabric_use *const *all;
	size_t count = fabric_uses_list(server_uses(d->server), &all);
	uint64_t now_s = base_clock_wall_s();
	json_t *list = json_array();

	for (size_t i = 0; i < count && json_array_size(list) < KEYS_MAX; i++) {
		uint64_t last_s = atomic_load_explicit(&all[i]->last_s, memory_order_relaxed);
		uint64_t n = atomic_load_explicit(&all[i]->requests, memory_order_relaxed);

		if (last_s + KEYS_WITHIN_S >= now_s)
			json_array_append_new(list, json_pack("{s:o, s:I, s:I}", "key",
							      command_json_name(all[i]->name),
							      "epoch", (json_int_t)all[i]->epoch,
							      "requests", (json_int_t)n));
	}
	return list;
}

/* Returns the number of commits by duration: a list of pairs, of which the first is the longest
 * duration of the bucket, in microseconds, or null for the last one. */
static json_t *commits_json(const struct base_histogram *h)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < BASE_HISTOGRAM_BUCKETS; i++)
		json_array_append_new(
			list,
			json_pack("[o, I]",
				  i == BASE_HISTOGRAM_BUCKETS - 1
					  ? json_null()
					  : json_integer((json_int_t)base_histogram_end_us(i)),
				  (json_int_t)h->bucket[i]));
	return list;
}

static json_t *store_json(const struct daemon *d)
{
	struct store_stats s;

	store_counters_get(d->store, &s);
	return json_pack("{s:I, s:I, s:I}", "commits", (json_int_t)s.commits, "commit-failures",
			 (json_int_t)s.commit_failures, "checkpoints", (json_int_t)s.checkpoints);
}

void command_top(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	json_t *o = command_stats_json(d);
	struct registry_stats registry;

	registry_registrar_stats(d->registrar, &registry);
	json_object_set_new(o, "status", command_status_json(d));
	json_object_set_new(o, "store", store_json(d));
	json_object_set_new(o, "commit-us", commits_json(&registry.commit));
	json_object_set_new(o, "keys", keys_json(d));
	control_request_answer(request, o);
}
