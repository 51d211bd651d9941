/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/*  1. Any message of the kernel's groups means: something has changed. What it was is not read, so
 *     that messages that were lost (ENOBUFS) make no difference.
 *  2. After a while, the kernel is asked for all links, and after its answer for all addresses.
 *  3. If a change comes meanwhile, or the answer is not of one moment (NLM_F_DUMP_INTR), 2 follows
 *     again.
 *  4. What differs from before is reported. */

#include "registrant/addresses.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	DATAGRAM_MAX = 32768,
	READS_MAX = 64,	       /* of one call; what is left over is still ready */
	ANSWER_WAIT_MS = 2000, /* for an answer of the kernel, until it is asked again */
};

enum step { STEP_IDLE, STEP_WAITING, STEP_LINKS, STEP_ADDRESSES };

struct registrant_addresses {
	struct resolve_events *events;
	struct resolve_descriptor changes, answers;
	struct resolve_timer timer;
	registrant_addresses_fn on_change;
	void *arg;
	enum step step;
	bool has_changed; /* while the kernel was asked */
	bool is_known;
	uint32_t sequence;
	const char *const *names; /* of the interfaces that count; none: all but loopback */
	size_t nnames;
	struct registrant_network network;
	struct registrant_dump dump;
};

void registrant_addresses_bare(struct sockaddr_storage *out, const struct sockaddr_storage *from)
{
	memset(out, 0, sizeof(*out));
	out->ss_family = from->ss_family;
	if (from->ss_family == AF_INET6)
		((struct sockaddr_in6 *)out)->sin6_addr =
			((const struct sockaddr_in6 *)from)->sin6_addr;
	else
		((struct sockaddr_in *)out)->sin_addr =
			((const struct sockaddr_in *)from)->sin_addr;
}

void registrant_addresses_add(struct registrant_network *to, const struct sockaddr_storage *address)
{
	struct sockaddr_storage bare;
	size_t i = 0;
	int d = -1;

	registrant_addresses_bare(&bare, address);
	while (i < to->n && (d = memcmp(&to->addresses[i], &bare, sizeof(bare))) < 0)
		i++;
	if (to->n == REGISTRANT_NETWORK_MAX || (i < to->n && d == 0))
		return;
	memmove(&to->addresses[i + 1], &to->addresses[i], (to->n - i) * sizeof(bare));
	to->addresses[i] = bare;
	to->n++;
}

bool registrant_addresses_equal(const struct registrant_network *a,
				const struct registrant_network *b)
{
	return a->n == b->n &&
	       memcmp(a->addresses, b->addresses, a->n * sizeof(*a->addresses)) == 0;
}

/* ---- what the kernel answers ---- */

static bool is_reachable4(const uint8_t *a)
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224 && !(a[0] == 169 && a[1] == 254);
}

static bool is_reachable6(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) &&
	       !IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_V4MAPPED(a);
}

static bool is_up(const struct registrant_dump *d, unsigned index)
{
	return index / 8 < sizeof(d->up) && (d->up[index / 8] >> index % 8 & 1) != 0;
}

static bool is_named(const struct registrant_dump *d, const struct nlmsghdr *h)
{
	const struct ifinfomsg *link = NLMSG_DATA(h);
	int left = (int)IFLA_PAYLOAD(h);

	for (const struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left);
	     left -= (int)RTA_ALIGN(a->rta_len),
				 a = (const void *)((const char *)a + RTA_ALIGN(a->rta_len))) {
		const char *name = RTA_DATA(a);

		if (a->rta_type != IFLA_IFNAME)
			continue;
		for (size_t i = 0; i < d->nnames; i++)
			if (strncmp(name, d->names[i], RTA_PAYLOAD(a)) == 0)
				return true;
	}
	return false;
}

static void read_link(struct registrant_dump *d, const struct nlmsghdr *h)
{
	const struct ifinfomsg *link = NLMSG_DATA(h);
	unsigned index = (unsigned)link->ifi_index;
	bool counts = d->nnames > 0 ? is_named(d, h) : !(link->ifi_flags & IFF_LOOPBACK);

	if ((link->ifi_flags & IFF_UP) && counts && index / 8 < sizeof(d->up))
		d->up[index / 8] |= (uint8_t)(1 << index % 8);
}

/* Reads the address that is used; of a point-to-point link IFA_ADDRESS is the peer's, and IFA_LOCAL
 * ours. The flags of 32 bits count instead of those of 8. */
static void read_address(struct registrant_dump *d, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	size_t want = m->ifa_family == AF_INET ? 4 : 16;
	const void *local = NULL, *address = NULL;
	struct sockaddr_storage found;
	uint32_t flags = m->ifa_flags;
	int left = (int)IFA_PAYLOAD(h);

	/* The last attribute may lack its padding: `left` is negative then. */
	for (const struct rtattr *a = IFA_RTA(m); RTA_OK(a, left);
	     left -= (int)RTA_ALIGN(a->rta_len),
				 a = (const void *)((const char *)a + RTA_ALIGN(a->rta_len))) {
		if (a->rta_type == IFA_FLAGS && RTA_PAYLOAD(a) == sizeof(flags))
			memcpy(&flags, RTA_DATA(a), sizeof(flags));
		else if (a->rta_type == IFA_LOCAL && RTA_PAYLOAD(a) == want)
			local = RTA_DATA(a);
		else if (a->rta_type == IFA_ADDRESS && RTA_PAYLOAD(a) == want)
			address = RTA_DATA(a);
	}
	local = local != NULL ? local : address;
	if (local == NULL || !is_up(d, m->ifa_index))
		return;
	memset(&found, 0, sizeof(found));
	found.ss_family = m->ifa_family;
	if (m->ifa_family == AF_INET && is_reachable4(local)) {
		memcpy(&((struct sockaddr_in *)&found)->sin_addr, local, 4);
		registrant_addresses_add(&d->found, &found);
	} else if (m->ifa_family == AF_INET6 && is_reachable6(local) &&
		   !(flags &
		     (IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_TEMPORARY))) {
		memcpy(&((struct sockaddr_in6 *)&found)->sin6_addr, local, 16);
		registrant_addresses_add(&d->found, &found);
	}
}

bool registrant_addresses_read(struct registrant_dump *d, const void *bytes, size_t nbytes)
{
	const struct nlmsghdr *h = bytes;
	unsigned left = (unsigned)nbytes;

	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		d->is_cut |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
			d->is_cut |= h->nlmsg_type == NLMSG_ERROR;
			return true;
		}
		if (h->nlmsg_type == RTM_NEWLINK &&
		    h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg)))
			read_link(d, h);
		else if (h->nlmsg_type == RTM_NEWADDR &&
			 h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifaddrmsg)))
			read_address(d, h);
	}
	return false;
}

/* ---- asking ---- */

static void wait_for(struct registrant_addresses *a, enum step step, uint64_t due_ms)
{
	a->step = step;
	resolve_timer_set(&a->events->timers, &a->timer, due_ms);
}

/* Asks for all links or all addresses. A request that cannot be sent is sent later. */
static void ask(struct registrant_addresses *a, enum step step, uint64_t now_ms)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg family;
	} request = {.header = {
			     .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
			     .nlmsg_type = step == STEP_LINKS ? RTM_GETLINK : RTM_GETADDR,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			     .nlmsg_seq = ++a->sequence,
		     }};
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	if (sendto(a->answers.fd, &request, request.header.nlmsg_len, MSG_DONTWAIT,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		wait_for(a, STEP_WAITING, now_ms + ANSWER_WAIT_MS);
	else
		wait_for(a, step, now_ms + ANSWER_WAIT_MS);
}

static void begin(struct registrant_addresses *a, uint64_t now_ms)
{
	a->has_changed = false;
	memset(&a->dump, 0, sizeof(a->dump));
	a->dump.names = a->names;
	a->dump.nnames = a->nnames;
	ask(a, STEP_LINKS, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	begin(arg, now_ms);
}

/* All has been read. The call is the last thing done. */
static void finish(struct registrant_addresses *a, uint64_t now_ms)
{
	if (a->has_changed || a->dump.is_cut) {
		wait_for(a, STEP_WAITING, now_ms + REGISTRANT_NETWORK_WAIT_MS);
		return;
	}
	a->step = STEP_IDLE;
	resolve_timer_clear(&a->events->timers, &a->timer);
	if (a->is_known && registrant_addresses_equal(&a->network, &a->dump.found))
		return;
	a->is_known = true;
	a->network = a->dump.found;
	a->on_change(a->arg, &a->network, now_ms);
}

/* Reads a datagram from the kernel: others may send to a netlink socket, too. Returns its length,
 * or a negative errno. */
static ssize_t receive(int fd, void *bytes, size_t size)
{
	struct sockaddr_nl from = {0};
	socklen_t nfrom = sizeof(from);
	ssize_t n = recvfrom(fd, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&from, &nfrom);

	if (n < 0)
		return -errno;
	return from.nl_pid == 0 ? n : 0;
}

static void on_answers(void *arg, uint32_t events, uint64_t now_ms)
{
	struct registrant_addresses *a = arg;
	_Alignas(struct nlmsghdr) uint8_t bytes[DATAGRAM_MAX];

	(void)events;
	for (unsigned i = 0; i < READS_MAX; i++) {
		ssize_t n = receive(a->answers.fd, bytes, sizeof(bytes));

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n == -ENOBUFS)
			a->dump.is_cut = true;
		if (n < (ssize_t)sizeof(struct nlmsghdr) ||
		    ((const struct nlmsghdr *)bytes)->nlmsg_seq != a->sequence ||
		    a->step < STEP_LINKS)
			continue;
		if (!registrant_addresses_read(&a->dump, bytes, (size_t)n))
			continue;
		if (a->step == STEP_ADDRESSES) {
			finish(a, now_ms);
			return;
		}
		ask(a, STEP_ADDRESSES, now_ms);
	}
}

void registrant_addresses_refresh(struct registrant_addresses *a, uint64_t now_ms)
{
	a->has_changed = true;
	if (a->step == STEP_IDLE)
		wait_for(a, STEP_WAITING, now_ms + REGISTRANT_NETWORK_WAIT_MS);
}

static void on_changes(void *arg, uint32_t events, uint64_t now_ms)
{
	struct registrant_addresses *a = arg;
	_Alignas(struct nlmsghdr) uint8_t bytes[DATAGRAM_MAX];
	ssize_t n = 0;

	(void)events;
	for (unsigned i = 0; i < READS_MAX && (n >= 0 || n == -ENOBUFS); i++)
		n = receive(a->changes.fd, bytes, sizeof(bytes));
	registrant_addresses_refresh(a, now_ms);
}

/* ---- life ---- */

/* Opens a socket for the groups; 0: for requests. */
static int open_socket(struct registrant_addresses *a, struct resolve_descriptor *d,
		       resolve_events_fn on_ready, uint32_t groups)
{
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	d->fd = -1;
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	*d = (struct resolve_descriptor){
		.fd = fd, .wanted = EPOLLIN, .on_ready = on_ready, .arg = a};
	return resolve_events_add(a->events, d);
}

int registrant_addresses_new(struct registrant_addresses **out, struct resolve_events *events,
			     registrant_addresses_fn on_change, void *arg)
{
	struct registrant_addresses *a = calloc(1, sizeof(*a));
	int ret;

	if (a == NULL)
		return -ENOMEM;
	a->events = events;
	a->on_change = on_change;
	a->arg = arg;
	a->timer = (struct resolve_timer){.on_due = on_due, .arg = a};
	a->answers.fd = -1;
	ret = open_socket(a, &a->changes, on_changes,
			  RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	if (ret == 0)
		ret = open_socket(a, &a->answers, on_answers, 0);
	if (ret < 0) {
		registrant_addresses_free(a);
		return ret;
	}
	wait_for(a, STEP_WAITING, 0);
	*out = a;
	return 0;
}

void registrant_addresses_limit(struct registrant_addresses *a, const char *const *names,
				size_t nnames)
{
	a->names = names;
	a->nnames = nnames;
}

void registrant_addresses_free(struct registrant_addresses *a)
{
	if (a == NULL)
		return;
	resolve_timer_clear(&a->events->timers, &a->timer);
	resolve_events_close(a->events, &a->changes);
	resolve_events_close(a->events, &a->answers);
	free(a);
}

const struct registrant_network *registrant_addresses_now(const struct registrant_addresses *a)
{
	return a->is_known ? &a->network : NULL;
}
