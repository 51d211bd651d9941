/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rcu.h"
#include "server/tcp_clients.h"
#include "server/worker.h"

enum { UDP_BUFFER = 4 << 20, TCP_BACKLOG = 1024 };

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

/* Fragments get lost and can be forged: answers are small enough and sent with DF (RFC 9715
 * section 3.1), and what path MTU somebody reports is not believed. */
static void set_udp_options(int fd, int family, bool wildcard)
{
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_BUFFER) < 0)
		set(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, UDP_BUFFER) < 0)
		set(fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
	if (family == AF_INET) {
		set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
		if (wildcard)
			set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	} else {
		set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
		if (wildcard)
			set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	}
}

/* A bound socket, or a negative errno. */
static int bound_socket(const struct sockaddr_storage *a, int type, bool is_shared)
{
	int fd = socket(a->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	if ((type == SOCK_STREAM && set(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0) ||
	    (is_shared && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) < 0) ||
	    (a->ss_family == AF_INET6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0) ||
	    bind(fd, (const struct sockaddr *)a, base_address_nbytes((const struct sockaddr *)a)) <
		    0) {
		error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

/* Sockets with SO_REUSEPORT would share the port with another server without a word: a socket
 * without it finds that out. */
static int check_free(const struct sockaddr_storage *a, int type)
{
	int fd = bound_socket(a, type, false);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int socket_open(struct server_worker *w, const struct sockaddr_storage *a,
		       enum server_transport transport)
{
	int type = transport == SERVER_UDP ? SOCK_DGRAM : SOCK_STREAM,
	    fd = bound_socket(a, type, true);
	struct server_socket *s;

	if (fd < 0)
		return fd;
	s = calloc(1, sizeof(*s));
	if (s == NULL || (transport == SERVER_TCP && listen(fd, TCP_BACKLOG) < 0)) {
		int error = s == NULL ? ENOMEM : errno;

		free(s);
		close(fd);
		return -error;
	}
	s->worker = w;
	s->address = *a;
	s->fd = fd;
	s->transport = transport;
	s->is_wildcard = is_wildcard(a);
	if (transport == SERVER_UDP) {
		set_udp_options(fd, a->ss_family, s->is_wildcard);
		server_udp_offload(s);
	}
	ev_io_init(&s->io, transport == SERVER_UDP ? server_udp_readable : server_tcp_acceptable,
		   fd, EV_READ);
	s->io.data = s;
	s->next = w->sockets;
	w->sockets = s;
	return 0;
}

static int address_open(struct server *s, const struct sockaddr_storage *a)
{
	int r = check_free(a, SOCK_DGRAM);

	if (r == 0)
		r = check_free(a, SOCK_STREAM);
	for (unsigned i = 0; i < s->nworkers && r == 0; i++) {
		r = socket_open(s->workers[i], a, SERVER_UDP);
		if (r == 0)
			r = socket_open(s->workers[i], a, SERVER_TCP);
	}
	return r;
}

static unsigned count_cpus(void)
{
	cpu_set_t set_of;

	if (sched_getaffinity(0, sizeof(set_of), &set_of) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set_of);
}

int server_open(struct server **out, const struct server_settings *settings, char *why,
		size_t why_size)
{
	struct server *s = calloc(1, sizeof(*s));
	char text[BASE_ADDRESS_TEXT_MAX];
	int r = 0;

	snprintf(why, why_size, "out of memory");
	if (s == NULL)
		return -ENOMEM;
	s->nworkers = settings->workers > 0 ? settings->workers : count_cpus();
	s->workers = calloc(s->nworkers, sizeof(*s->workers));
	s->tcp_clients = server_tcp_clients_new(s->nworkers);
	if (s->tcp_clients == NULL)
		r = -ENOMEM;
	for (unsigned i = 0; i < s->nworkers && r == 0; i++)
		if (s->workers == NULL || (s->workers[i] = server_worker_new(s, i)) == NULL)
			r = -ENOMEM;
	for (size_t i = 0; i < settings->naddresses && r == 0; i++) {
		r = address_open(s, &settings->addresses[i]);
		if (r < 0)
			snprintf(why, why_size, "cannot listen on %s: %s",
				 base_address_to_text(
					 text, (const struct sockaddr *)&settings->addresses[i]),
				 strerror(-r));
	}
	if (r < 0) {
		server_close(s);
		return r;
	}
	*out = s;
	return 0;
}

/* Until no worker is in a turn that began before. */
static void wait_for_workers(struct server *s)
{
	for (unsigned i = 0; i < s->nworkers; i++)
		ev_async_send(s->workers[i]->loop, &s->workers[i]->wake);
	base_rcu_wait();
}

void server_set_rules(struct server *s, struct server_rules *rules)
{
	struct server_rules *old =
		atomic_exchange_explicit(&s->rules, rules, memory_order_acq_rel);

	if (old == NULL || !s->is_started)
		return;
	wait_for_workers(s);
	/* Updates that came under the old view go by its rules to the end; the registrar is never
	 * longer about it than a commit. */
	while (atomic_load_explicit(&old->nupdates, memory_order_acquire) > 0 ||
	       atomic_load_explicit(&old->ntransfers, memory_order_acquire) > 0)
		usleep(1000);
}

void server_set_revoked(struct server *s, const struct fabric_revoked *revoked)
{
	atomic_store_explicit(&s->revoked, revoked, memory_order_release);
	if (s->is_started)
		wait_for_workers(s);
}

int server_start(struct server *s, struct registry_registrar *registrar)
{
	s->registrar = registrar;
	s->is_started = true;
	for (unsigned i = 0; i < s->nworkers; i++) {
		int r = server_worker_start(s->workers[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

void server_stop(struct server *s)
{
	atomic_store_explicit(&s->is_stopping, true, memory_order_release);
	for (unsigned i = 0; i < s->nworkers; i++)
		ev_async_send(s->workers[i]->loop, &s->workers[i]->wake);
	for (unsigned i = 0; i < s->nworkers; i++)
		pthread_join(s->workers[i]->thread, NULL);
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
	for (unsigned i = 0; s->workers != NULL && i < s->nworkers; i++) {
		if (s->workers[i] == NULL)
			continue;
		sockets_close(s->workers[i]);
		server_worker_free(s->workers[i]);
	}
	free(s->workers);
	server_tcp_clients_free(s->tcp_clients);
	free(s);
}

void server_stats_get(const struct server *s, struct server_stats *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < s->nworkers; i++)
		server_stats_add(sum, &s->workers[i]->stats);
}

unsigned server_workers(const struct server *s)
{
	return s->nworkers;
}
