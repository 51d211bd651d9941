/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* c-ares: the SRV records, by priority; the addresses of each target; each in turn. Weights are
 * left out, as in most programs. */
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

#include "way.h"

enum { TARGETS_MAX = 16, QUERY_MS = 1000 };

struct target {
	char host[256];
	unsigned short priority, port;
};

static struct target targets[TARGETS_MAX];
static unsigned ntargets;
static struct in_addr addresses[TARGETS_MAX];
static unsigned naddresses;
static ares_channel channel;
static const char *type;

static int cares_open(const struct way_service *service)
{
	struct ares_options options = {.timeout = QUERY_MS, .tries = 2};

	type = service->name;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
	    ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) !=
		    ARES_SUCCESS ||
	    ares_set_servers_ports_csv(channel, service->registry) != ARES_SUCCESS) {
		fprintf(stderr, "c-ares: cannot begin\n");
		return -1;
	}
	return 0;
}

static void on_srv(void *arg, int status, int timeouts, unsigned char *answer, int nbytes)
{
	struct ares_srv_reply *found;

	(void)arg;
	(void)timeouts;
	if (status != ARES_SUCCESS || ares_parse_srv_reply(answer, nbytes, &found) != ARES_SUCCESS)
		return;
	for (const struct ares_srv_reply *s = found; s != NULL && ntargets < TARGETS_MAX;
	     s = s->next) {
		struct target t = {.priority = s->priority, .port = s->port};
		unsigned at = ntargets++;

		snprintf(t.host, sizeof(t.host), "%s", s->host);
		for (; at > 0 && targets[at - 1].priority > t.priority; at--)
			targets[at] = targets[at - 1];
		targets[at] = t;
	}
	ares_free_data(found);
}

static void on_host(void *arg, int status, int timeouts, struct hostent *host)
{
	(void)arg;
	(void)timeouts;
	for (char **a = status == ARES_SUCCESS ? host->h_addr_list : NULL;
	     a != NULL && *a != NULL && naddresses < TARGETS_MAX; a++)
		memcpy(&addresses[naddresses++], *a, sizeof(*addresses));
}

/* Waits until there is no question left. */
static void cares_wait(void)
{
	for (;;) {
		fd_set reads, writes;
		struct timeval limit, *until;
		int n;

		FD_ZERO(&reads);
		FD_ZERO(&writes);
		n = ares_fds(channel, &reads, &writes);
		if (n == 0)
			return;
		until = ares_timeout(channel, NULL, &limit);
		select(n, &reads, &writes, NULL, until);
		ares_process(channel, &reads, &writes);
	}
}

static int cares_way(void)
{
	ntargets = 0;
	ares_query(channel, type, ns_c_in, ns_t_srv, on_srv, NULL);
	cares_wait();
	for (unsigned i = 0; i < ntargets; i++) {
		naddresses = 0;
		ares_gethostbyname(channel, targets[i].host, AF_INET, on_host, NULL);
		cares_wait();
		for (unsigned a = 0; a < naddresses; a++) {
			struct sockaddr_in to = {.sin_family = AF_INET,
						 .sin_port = htons(targets[i].port),
						 .sin_addr = addresses[a]};
			int fd = way_connect((struct sockaddr *)&to, sizeof(to));

			if (fd >= 0)
				return fd;
		}
	}
	return -1;
}

const struct way way_cares = {"cares", cares_open, cares_way};
