/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/contact.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"

/* Takes what became of the connection, and closes it. */
static void ready(struct doctor_contact *c, struct pollfd *waits, uint64_t started_us)
{
	int error = 0;
	socklen_t nbytes = sizeof(error);

	if (getsockopt(waits->fd, SOL_SOCKET, SO_ERROR, &error, &nbytes) < 0)
		error = errno;
	c->error = -error;
	c->rtt_us = (uint32_t)(base_clock_steady_us() - started_us);
	close(waits->fd);
	waits->fd = -1;
}

/* Returns whether there is something to wait for. */
static bool is_begun(const struct doctor_contact *c, int fd)
{
	const struct sockaddr *to = (const struct sockaddr *)&c->address;

	if (connect(fd, to, base_address_nbytes(to)) < 0)
		return errno == EINPROGRESS;
	return !c->is_datagram || send(fd, "", 0, MSG_NOSIGNAL) == 0;
}

static void begin(struct doctor_contact *c, struct pollfd *waits)
{
	int type = c->is_datagram ? SOCK_DGRAM : SOCK_STREAM;

	*waits = (struct pollfd){
		.fd = socket(c->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.events = c->is_datagram ? POLLIN : POLLOUT,
	};
	c->error = c->is_datagram ? 0 : -ETIMEDOUT;
	c->rtt_us = 0;
	if (waits->fd >= 0 && is_begun(c, waits->fd))
		return;
	c->error = -errno;
	if (waits->fd >= 0)
		close(waits->fd);
	waits->fd = -1;
}

void doctor_contacts_run(struct doctor_contact *all, size_t n, uint64_t deadline_ms)
{
	struct pollfd waits[DOCTOR_CONTACTS_MAX];
	uint64_t started_us = base_clock_steady_us(), now_ms = started_us / 1000;
	size_t nleft;

	assert(n <= DOCTOR_CONTACTS_MAX);
	for (size_t i = 0; i < n; i++)
		begin(&all[i], &waits[i]);
	if (n > 0 && all[0].is_datagram && deadline_ms > now_ms + DOCTOR_DATAGRAM_MS)
		deadline_ms = now_ms + DOCTOR_DATAGRAM_MS; /* all are of one service */
	do {
		nleft = 0;
		for (size_t i = 0; i < n; i++)
			nleft += waits[i].fd >= 0;
		if (nleft == 0 || now_ms >= deadline_ms)
			break;
		poll(waits, n, (int)(deadline_ms - now_ms));
		for (size_t i = 0; i < n; i++)
			if (waits[i].fd >= 0 && waits[i].revents != 0)
				ready(&all[i], &waits[i], started_us);
		now_ms = base_clock_steady_us() / 1000;
	} while (nleft > 0);
	for (size_t i = 0; i < n; i++)
		if (waits[i].fd >= 0)
			close(waits[i].fd);
}

void doctor_contacts_judge(struct doctor_findings *f, const struct doctor_contact *all, size_t n)
{
	char where[96], address[BASE_ADDRESS_TEXT_MAX], target[DNS_NAME_TEXT_MAX];
	struct doctor_finding *found;

	for (size_t i = 0; i < n; i++) {
		const struct doctor_contact *c = &all[i];

		if (c->error == 0)
			continue;
		dns_name_to_text(target, c->target);
		base_address_to_text(address, (const struct sockaddr *)&c->address);
		snprintf(where, sizeof(where), "instance %s", address);
		found = doctor_finding_add(
			f, DOCTOR_FAULT, "unreachable", where, "on %.200s cannot be %s: %s", target,
			c->is_datagram ? "reached" : "connected to", strerror(-c->error));
		doctor_finding_mend(found,
				    "start the service there, or remove it: weft unregister, "
				    "or weft drain; without a lease it stays until then");
	}
}
