/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/contact.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
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

static void begin(struct doctor_contact *c, struct pollfd *waits)
{
	const struct sockaddr *to = (const struct sockaddr *)&c->address;

	*waits = (struct pollfd){
		.fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.events = POLLOUT,
	};
	c->error = -ETIMEDOUT;
	if (waits->fd >= 0 &&
	    (connect(waits->fd, to, base_address_nbytes(to)) == 0 || errno == EINPROGRESS))
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
