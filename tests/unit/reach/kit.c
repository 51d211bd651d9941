/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <assert.h>
#include <dirent.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "find/instance.h"

enum { ADDRESSES_MAX = 80 };

bool kit_enter_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	bool is_up;
	int fd;

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	is_up = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	return is_up;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				    .sin_port = htons(port)};
}

static struct kit_port bound(int type)
{
	struct sockaddr_in here = loopback(0);
	socklen_t n = sizeof(here);
	struct kit_port p = {.fds = {socket(AF_INET, type | SOCK_CLOEXEC, 0)}, .n = 1};

	assert(bind(p.fds[0], (struct sockaddr *)&here, n) == 0);
	assert(getsockname(p.fds[0], (struct sockaddr *)&here, &n) == 0);
	p.port = ntohs(here.sin_port);
	return p;
}

struct kit_port kit_listening(void)
{
	struct kit_port p = bound(SOCK_STREAM);

	assert(listen(p.fds[0], 128) == 0);
	return p;
}

struct kit_port kit_refusing(void)
{
	return bound(SOCK_STREAM);
}

struct kit_port kit_datagram(void)
{
	return bound(SOCK_DGRAM);
}

/* Linux ignores a SYN when nobody accepts what has come before. */
struct kit_port kit_silent(void)
{
	struct kit_port p = bound(SOCK_STREAM);
	struct sockaddr_in to = loopback(p.port);

	assert(listen(p.fds[0], 0) == 0);
	while (p.n < 4) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
		p.fds[p.n++] = fd;
	}
	return p;
}

void kit_close(struct kit_port *p)
{
	while (p->n > 0)
		close(p->fds[--p->n]);
}

struct find_instance *kit_instance_at(const char *label, const char *host, uint16_t priority,
				      const char *addresses, uint16_t port, const char *txt)
{
	struct sockaddr_storage parsed[ADDRESSES_MAX] = {0};
	uint8_t name[DNS_NAME_MAX], target[DNS_NAME_MAX];
	char text[ADDRESSES_MAX * 16], *left = text, *one;
	struct find_parts parts = {.name = name,
				   .target = target,
				   .priority = priority,
				   .port = port,
				   .addresses = parsed,
				   .txt = (const uint8_t *)txt,
				   .ntxt = txt != NULL ? strlen(txt) : 0,
				   .ttl_s = 60};
	struct find_instance *i;

	snprintf(text, sizeof(text), "%s._x._tcp.lab.cloud.", label);
	assert(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	snprintf(text, sizeof(text), "%s.lab.cloud.", host);
	assert(dns_name_from_text(target, text, strlen(text), NULL) > 0);
	snprintf(text, sizeof(text), "%s", addresses);
	while ((one = strsep(&left, ",")) != NULL && *one != '\0')
		assert(base_address_from_text(&parsed[parts.naddresses++], one, port) == 0);
	i = find_instance_new(&parts);
	assert(i != NULL);
	return i;
}

struct find_instance *kit_instance(const char *label, uint16_t priority, const char *addresses,
				   uint16_t port)
{
	return kit_instance_at(label, label, priority, addresses, port, NULL);
}

const struct sockaddr *kit_address(const struct find_instance *i, unsigned n)
{
	assert(n < i->naddresses);
	return (const struct sockaddr *)&i->addresses[n];
}

unsigned kit_descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(all) != NULL)
		n++;
	closedir(all);
	return n;
}
