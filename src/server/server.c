/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rcu.h"
#include "fabric/uses.h"
#include "guard/refusals.h"
#include "guard/replay.h"
#include "push/change.h"
#include "server/worker.h"

struct server {
	struct server_shared shared;
	const struct server_channel **channels; /* in the order in which workers call them; NULL at
						 * the end */
	struct server_worker **workers;
	unsigned nworkers;
	bool is_started;
};

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static bool is_wildcard(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* Whether a socket shares its address and port with those of other workers. */
enum sharing { EXCLUSIVE, SHARED };

/* Returns a bound socket, or a negative errno. */
static int bound_socket(const struct sockaddr_storage *a, int type, enum sharing sharing)
{
	int fd = socket(a->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	if ((type == SOCK_STREAM && set(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0) ||
	    (sharing == SHARED && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) < 0) ||
	    (a->ss_family == AF_INET6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0) ||
	    bind(fd, (const struct sockaddr *)a, base_address_nbytes((const struct sockaddr *)a)) <
		    0) {
		error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

/* Checks that no other server listens on the address. Sockets with SO_REUSEPORT would share its
 * port without an error; a socket without it cannot be bound. Returns 0 or a negative errno. */
static int check_free(const struct sockaddr_storage *a, int type)
{
	int fd = bound_socket(a, type, EXCLUSIVE);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int socket_open(struct server_worker *w, const struct sockaddr_storage *a,
		       const struct server_channel *channel)
{
	int fd = bound_socket(a, channel->socket_type, SHARED), ret = -ENOMEM;
	struct server_socket *s;

	if (fd < 0)
		return fd;
	s = calloc(1, sizeof(*s));
	if (s != NULL) {
		s->worker = w;
		s->channel = channel;
		s->address = *a;
		s->fd = fd;
		s->is_wildcard = is_wildcard(a);
		ret = channel->listen(s);
	}
	if (ret < 0) {
		free(s);
		close(fd);
		return ret;
	}
	ev_io_init(&s->io, channel->on_readable, fd, EV_READ);
	/* The kernel drops datagrams that are not taken in time; streams wait. */
	ev_set_priority(&s->io, channel->socket_type == SOCK_DGRAM ? 1 : 0);
	s->io.data = s;
	s->next = w->sockets;
	w->sockets = s;
	return 0;
}

static int address_open(struct server *s, const struct sockaddr_storage *a,
			const struct server_channel *channel)
{
	int ret = check_free(a, channel->socket_type);

	for (unsigned i = 0; i < s->nworkers && ret == 0; i++)
		ret = socket_open(s->workers[i], a, channel);
	return ret;
}

static unsigned count_cpus(void)
{
	cpu_set_t set_of;

	if (sched_getaffinity(0, sizeof(set_of), &set_of) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set_of);
}

/* Lists the channels, and has each make what the workers share. */
static int channels_new(struct server *s, const struct server_settings *settings, unsigned nworkers)
{
	int ret = 0;

	s->channels = calloc(settings->nlisteners + 1, sizeof(const struct server_channel *));
	if (s->channels == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < settings->nlisteners && ret == 0; i++) {
		s->channels[i] = settings->listeners[i].channel;
		if (s->channels[i]->share != NULL)
			ret = s->channels[i]->share(&s->shared, nworkers);
	}
	return ret;
}

static int workers_new(struct server *s, unsigned nworkers)
{
	s->workers = calloc(nworkers, sizeof(*s->workers));
	s->shared.replay = guard_replay_new();
	s->shared.refusals = guard_refusals_new();
	s->shared.uses = fabric_uses_new();
	if (s->workers == NULL || s->shared.replay == NULL || s->shared.refusals == NULL ||
	    s->shared.uses == NULL)
		return -ENOMEM;
	while (s->nworkers < nworkers) {
		struct server_worker *w = server_worker_new(&s->shared, s->channels, s->nworkers);

		if (w == NULL)
			return -ENOMEM;
		s->workers[s->nworkers++] = w;
	}
	return 0;
}

/* Often another program has the port at one address of the machine, as systemd-resolved has. */
#define IN_USE                                                                                     \
	"; ss -lnup and ss -lntp show which program has it. If it is at another address of this "  \
	"machine, listen on the addresses that are meant instead of on all"

static int listener_open(struct server *s, const struct server_listener *l,
			 struct base_error *error)
{
	char text[BASE_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < l->naddresses; i++) {
		const struct sockaddr_storage *a = &l->addresses[i];
		int ret = address_open(s, a, l->channel);

		if (ret < 0)
			return base_error_set(
				error, ret, "cannot listen on %s: %s%s",
				base_address_to_text(text, (const struct sockaddr *)a),
				strerror(-ret), ret == -EADDRINUSE ? IN_USE : "");
	}
	return 0;
}

int server_open(struct server **out, const struct server_settings *settings,
		struct base_error *error)
{
	unsigned nworkers = settings->workers > 0 ? settings->workers : count_cpus();
	struct server *s = calloc(1, sizeof(*s));
	int ret = -ENOMEM;

	if (s != NULL)
		ret = channels_new(s, settings, nworkers);
	if (ret == 0)
		ret = workers_new(s, nworkers);
	if (ret < 0)
		base_error_set(error, ret, "out of memory");
	for (size_t i = 0; i < settings->nlisteners && ret == 0; i++)
		ret = listener_open(s, &settings->listeners[i], error);
	if (ret < 0) {
		server_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

/* Has all workers begin a turn. */
static void wake_workers(struct server *s)
{
	for (unsigned i = 0; i < s->nworkers; i++)
		server_worker_wake(s->workers[i]);
}

/* Has the workers notice that rules or revoked keys were replaced. */
static void edition_begin(struct server *s)
{
	atomic_fetch_add_explicit(&s->shared.edition, 1, memory_order_release);
	if (s->is_started)
		wake_workers(s);
}

void server_set_rules(struct server *s, struct server_rules *rules)
{
	atomic_store_explicit(&s->shared.rules, rules, memory_order_release);
	edition_begin(s);
}

void server_set_revoked(struct server *s, const struct fabric_revoked *revoked)
{
	atomic_store_explicit(&s->shared.revoked, revoked, memory_order_release);
	edition_begin(s);
}

const struct fabric_revoked *server_revoked(const struct server *s)
{
	return atomic_load_explicit(&s->shared.revoked, memory_order_acquire);
}

struct fabric_uses *server_uses(const struct server *s)
{
	return s->shared.uses;
}

struct guard_refusals *server_refusals(const struct server *s)
{
	return s->shared.refusals;
}

int server_forget_before(struct server *s, const uint8_t *key, uint64_t time_s)
{
	return guard_replay_forget(s->shared.replay, key, time_s);
}

int server_start(struct server *s, struct registry_registrar *registrar)
{
	s->shared.registrar = registrar;
	s->is_started = true;
	for (unsigned i = 0; i < s->nworkers; i++) {
		int ret = server_worker_start(s->workers[i]);

		if (ret < 0)
			return ret;
	}
	return 0;
}

void server_stop(struct server *s)
{
	atomic_store_explicit(&s->shared.is_stopping, true, memory_order_release);
	for (unsigned i = 0; i < s->nworkers; i++)
		server_worker_wake(s->workers[i]);
	for (unsigned i = 0; i < s->nworkers; i++)
		pthread_join(s->workers[i]->thread, NULL);
	for (unsigned i = 0; i < s->nworkers; i++)
		while (!base_queue_is_empty(&s->workers[i]->calls))
			server_worker_run_calls(s->workers[i]);
	s->is_started = false;
}

static void sockets_close(struct server_worker *w)
{
	while (w->sockets != NULL) {
		struct server_socket *next = w->sockets->next;

		close(w->sockets->fd);
		free(w->sockets);
		w->sockets = next;
	}
}

void server_close(struct server *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < s->nworkers; i++) {
		sockets_close(s->workers[i]);
		server_worker_free(s->workers[i]);
	}
	free(s->workers);
	for (unsigned i = 0; s->channels != NULL && s->channels[i] != NULL; i++)
		if (s->channels[i]->unshare != NULL)
			s->channels[i]->unshare(&s->shared);
	free(s->channels);
	guard_replay_free(s->shared.replay);
	guard_refusals_free(s->shared.refusals);
	fabric_uses_free(s->shared.uses);
	free(s);
}

void server_on_replied(void *server)
{
	struct server *s = server;

	for (unsigned i = 0; i < s->nworkers; i++)
		if (server_updates_take_replied(&s->workers[i]->updates))
			server_worker_wake(s->workers[i]);
}

void server_run(struct server *s, unsigned number, struct server_call *call)
{
	server_worker_call(s->workers[number], call);
}

uint64_t server_nchanges(const struct server *s)
{
	return atomic_load_explicit(&s->shared.watchers.nchanges, memory_order_acquire);
}

void server_on_changed(void *server, struct zone *zone, const struct zone_changeset *changes)
{
	struct server *s = server;
	uint64_t number = atomic_fetch_add_explicit(&s->shared.watchers.nchanges, 1,
						    memory_order_acq_rel) +
			  1;
	struct push_change *copy = NULL;
	bool is_copied = false;

	if (!server_changes_are_wanted(&s->shared.watchers))
		return;
	for (unsigned i = 0; i < s->nworkers; i++) {
		struct server_worker *w = s->workers[i];

		if (!server_changes_has(&w->changes, zone))
			continue;
		if (!is_copied)
			copy = server_changes_copy(zone, changes, number);
		is_copied = true;
		if (server_changes_put(&w->changes, copy))
			server_worker_wake(w);
	}
	push_change_release(copy);
}

void server_stats_get(const struct server *s, struct server_stats *sum)
{
	memset(sum, 0, sizeof(*sum));
	server_stats_add(sum, &s->shared.stats);
	for (unsigned i = 0; i < s->nworkers; i++)
		server_stats_add(sum, &s->workers[i]->stats);
}

unsigned server_workers(const struct server *s)
{
	return s->nworkers;
}
