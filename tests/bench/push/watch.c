/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Sessions that watch service types while updates change them:
 *
 * 1. A few instances are added to each type. All sessions open and subscribe; then, when the script
 *    has measured them idle,
 * 2. updates come at a steady rate. Each is owed to every session of its group. The time from its
 *    reply to the last octet of the PUSH message is taken from the kernel's clock of both packets:
 *    that this program reads one session after another does not count.
 * 3. Alone, a few updates one after another: how long until all sessions have the change.
 *
 * Meanwhile queries may ask by UDP: what others notice. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../churn/histogram.h"
#include "dns/type.h"
#include "push.h"

enum { PATIENCE_US = 5000000, ANSWER_US = 1000000, PROBES = 65536, SINGLES = 10 };

struct arrival {
	uint32_t update;
	uint32_t us; /* since the begin */
};

struct watch {
	struct sessions sessions;
	struct updates updates;
	uint64_t start_us; /* wall clock */
	int wait_ms;	   /* for events */
	uint32_t first;	   /* update that is measured */
	struct arrival *arrivals;
	size_t narrivals, room;
	uint32_t *nreceived; /* sessions that have it, by update */
	uint64_t *last_us;   /* when the last of them got it */
	struct histogram latency, complete, single, probe;
	int probe_fd;
	uint16_t next_probe;
	uint64_t asked_us[PROBES], nprobes, nanswers;
};

static void on_change(void *arg, const struct session_change *c)
{
	struct watch *w = arg;
	uint64_t at_us = c->session->stream.received_us;
	uint32_t update = c->instance - w->updates.first;

	if (!c->is_added || c->instance < w->updates.first || update < w->first ||
	    update >= w->updates.next)
		return;
	w->nreceived[update]++;
	if (at_us > w->last_us[update])
		w->last_us[update] = at_us;
	if (w->narrivals < w->room)
		w->arrivals[w->narrivals++] =
			(struct arrival){update, (uint32_t)(at_us - w->start_us)};
}

/* How many sessions an update is owed to. */
static uint32_t owed(const struct watch *w, uint32_t update)
{
	uint32_t n = 0, groups = w->sessions.ngroups;

	if (groups == 1)
		return w->sessions.nready;
	for (unsigned i = update % groups; i < w->sessions.n; i += groups)
		n += w->sessions.all[i].state == SESSION_READY;
	return n;
}

static bool has_all(const struct watch *w, uint32_t update)
{
	return w->updates.replied_us[update] != 0 && w->nreceived[update] >= owed(w, update);
}

/* ---- queries by UDP ---- */

static void probe_send(struct watch *w)
{
	uint8_t msg[MESSAGE_MAX], name[DNS_NAME_MAX];
	struct base_out o = base_out_over(msg, sizeof(msg));
	size_t n = dns_name_from_text(name, "n1.nodes", 8, w->sessions.zone);
	uint16_t id = w->next_probe++;

	message_header(&o, DNS_OPCODE_QUERY, 0);
	base_out_bytes(&o, name, n);
	base_out_u16(&o, DNS_TYPE_A);
	base_out_u16(&o, DNS_CLASS_IN);
	message_option(&o, 0);
	base_store16(msg, id);
	w->asked_us[id] = stream_wall_us();
	w->nprobes += send(w->probe_fd, msg, base_out_nbytes(&o), 0) > 0;
}

static void probes_take(struct watch *w)
{
	uint8_t msg[MESSAGE_MAX];
	uint64_t received_us;
	ssize_t n;

	while ((n = stream_receive(w->probe_fd, msg, sizeof(msg), &received_us)) >= 12) {
		uint64_t *asked_us = &w->asked_us[base_load16(msg)];

		if (*asked_us == 0)
			continue;
		histogram_add(&w->probe, received_us - *asked_us);
		w->nanswers++;
		*asked_us = 0;
	}
}

/* ---- time ---- */

static void turn(struct watch *w)
{
	sessions_turn(&w->sessions, w->wait_ms);
	updates_take(&w->updates);
	probes_take(w);
}

/* Sends what is due of something that happens `per_s` times a second. */
static void catch_up(struct watch *w, uint64_t since_us, double per_s, uint64_t *count,
		     void (*send_one)(struct watch *w))
{
	for (; (double)*count < (double)since_us / 1e6 * per_s; ++*count)
		send_one(w);
}

static void update_send(struct watch *w)
{
	if (w->updates.next < w->updates.most - SINGLES)
		updates_send(&w->updates);
}

static void run(struct watch *w, const struct push_options *o)
{
	uint64_t start_us = load_now_us(), now_us = start_us, updates = 0, probes = 0;

	while (now_us < start_us + (uint64_t)(o->seconds * 1e6)) {
		catch_up(w, now_us - start_us, o->updates_per_s, &updates, update_send);
		catch_up(w, now_us - start_us, o->queries_per_s, &probes, probe_send);
		turn(w);
		now_us = load_now_us();
	}
}

/* Waits until every update from number `from` on has come everywhere, or patience ends. */
static void wait_for_all(struct watch *w, uint32_t from)
{
	uint64_t end_us = load_now_us() + PATIENCE_US;

	while (from < w->updates.next && load_now_us() < end_us)
		if (has_all(w, from))
			from++;
		else
			turn(w);
}

/* Waits for the last answers. */
static void wait_for_answers(struct watch *w)
{
	uint64_t end_us = load_now_us() + ANSWER_US;

	while (w->nanswers < w->nprobes && load_now_us() < end_us)
		turn(w);
}

static void prime(struct watch *w)
{
	uint32_t n = UPDATES_PRIMED * w->sessions.ngroups;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t end_us = load_now_us() + PATIENCE_US;
		uint32_t number = updates_send(&w->updates);

		while (w->updates.replied_us[number] == 0 && load_now_us() < end_us)
			updates_take(&w->updates);
	}
	w->first = w->updates.next;
}

/* ---- results ---- */

static uint64_t since(uint64_t later_us, uint64_t us)
{
	return later_us > us ? later_us - us : 0;
}

static uint32_t collect(struct watch *w, uint32_t from, uint32_t to, struct histogram *complete)
{
	uint32_t missing = 0;

	for (uint32_t i = from; i < to; i++)
		if (has_all(w, i))
			histogram_add(complete, since(w->last_us[i], w->updates.replied_us[i]));
		else
			missing++;
	return missing;
}

static void print_histogram(const char *name, const struct histogram *h)
{
	printf(", \"%s\": ", name);
	histogram_print(h);
}

static void report(struct watch *w, const struct push_options *o, uint32_t steady)
{
	const struct updates *u = &w->updates;
	uint32_t missing = collect(w, w->first, steady, &w->complete);

	missing += collect(w, steady, u->next, &w->single);
	for (size_t i = 0; i < w->narrivals; i++) {
		const struct arrival *a = &w->arrivals[i];

		if (a->update < steady && u->replied_us[a->update] != 0)
			histogram_add(&w->latency,
				      since(w->start_us + a->us, u->replied_us[a->update]));
	}
	printf("{\"sessions\": %u, \"failed\": %u, \"refused\": %llu, \"updates\": %u, "
	       "\"updates-refused\": %u, \"updates-lost\": %u, \"not-everywhere\": %u, "
	       "\"pushes\": %llu, \"push-octets\": %llu, \"changes\": %zu, "
	       "\"changes-per-s\": %.0f, "
	       "\"retry-delays\": %llu, \"queries\": %llu, \"queries-lost\": %llu",
	       w->sessions.nready, w->sessions.nfailed, (unsigned long long)w->sessions.refused,
	       u->next - w->first, u->nrefused, u->next - u->nreplied - u->nrefused, missing,
	       (unsigned long long)w->sessions.pushes, (unsigned long long)w->sessions.octets,
	       w->narrivals, (double)w->latency.total / o->seconds,
	       (unsigned long long)w->sessions.retry_delays, (unsigned long long)w->nprobes,
	       (unsigned long long)(w->nprobes - w->nanswers));
	print_histogram("latency-ms", &w->latency);
	print_histogram("all-have-it-ms", &w->complete);
	print_histogram("single-ms", &w->single);
	print_histogram("query-ms", &w->probe);
	puts("}");
}

static int make(struct watch *w, const struct push_options *o)
{
	uint32_t most = UPDATES_PRIMED * o->groups + SINGLES + 1 +
			(uint32_t)(o->updates_per_s * (o->seconds + 1));
	struct epoll_event e = {.events = EPOLLIN};

	w->room = (size_t)(o->updates_per_s * o->seconds + SINGLES) * (o->sessions / o->groups + 1);
	w->sessions.on_change = on_change;
	w->sessions.arg = w;
	w->updates.sessions = &w->sessions;
	w->updates.has_view = o->has_view;
	w->arrivals = calloc(w->room + 1, sizeof(*w->arrivals));
	w->nreceived = calloc(most, sizeof(*w->nreceived));
	w->last_us = calloc(most, sizeof(*w->last_us));
	if (w->arrivals == NULL || w->nreceived == NULL || w->last_us == NULL ||
	    histogram_init(&w->latency) < 0 || histogram_init(&w->complete) < 0 ||
	    histogram_init(&w->single) < 0 || histogram_init(&w->probe) < 0 ||
	    updates_init(&w->updates, &o->load, most) < 0)
		return -1;
	w->probe_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	stream_stamp(w->probe_fd);
	epoll_ctl(w->sessions.epoll, EPOLL_CTL_ADD, w->updates.fd, &e);
	epoll_ctl(w->sessions.epoll, EPOLL_CTL_ADD, w->probe_fd, &e);
	return push_connect(w->probe_fd, o);
}

static void watch_free(struct watch *w)
{
	updates_fini(&w->updates);
	histogram_fini(&w->latency);
	histogram_fini(&w->complete);
	histogram_fini(&w->single);
	histogram_fini(&w->probe);
	free(w->arrivals);
	free(w->nreceived);
	free(w->last_us);
	close(w->probe_fd);
	sessions_fini(&w->sessions);
	stream_target_fini(&w->sessions.target);
	free(w);
}

static void tell_opened(const struct watch *w, double seconds)
{
	char line[120];

	snprintf(line, sizeof(line), "opened %u %u %.3f %u %u", w->sessions.nready,
		 w->sessions.nfailed, seconds, w->sessions.inactivity_ms, w->sessions.keepalive_ms);
	push_tell(line);
}

int push_watch(const struct push_options *o)
{
	struct watch *w = calloc(1, sizeof(*w));
	uint64_t start_us;
	uint32_t steady;
	int status = 1;

	if (w == NULL || push_sessions(&w->sessions, o) < 0 || make(w, o) < 0)
		return 1;
	w->start_us = stream_wall_us();
	/* On one machine, waking this process costs the server time for each PUSH, so it does not
	 * wait; but it does beside others that do harm, where it runs on the server's CPU. */
	w->wait_ms = o->queries_per_s > 0 ? 1 : 0;
	prime(w);
	push_tell("primed");
	start_us = load_now_us();
	sessions_open(&w->sessions, o->limit_s);
	tell_opened(w, (double)(load_now_us() - start_us) / 1e6);
	run(w, o);
	steady = w->updates.next;
	wait_for_all(w, w->first);
	wait_for_answers(w);
	push_tell("pushed");
	for (unsigned i = 0; i < o->singles; i++)
		wait_for_all(w, updates_send(&w->updates));
	report(w, o, steady);
	status = w->sessions.nready < o->sessions;
	watch_free(w);
	return status;
}
