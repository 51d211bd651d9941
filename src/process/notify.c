/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum { STATUS_MAX = 500 }; /* bytes of a status */

/* Takes the address from NOTIFY_SOCKET: a path, or `@name` in the abstract name space. */
static int address_make(struct sockaddr_un *out, socklen_t *nbytes)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t npath = path != NULL ? strlen(path) : 0;

	if (npath == 0)
		return -ENOENT;
	if ((path[0] != '/' && path[0] != '@') || npath >= sizeof(out->sun_path))
		return -EINVAL;
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(out->sun_path, path, npath);
	if (path[0] == '@')
		out->sun_path[0] = '\0';
	*nbytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + npath);
	return 0;
}

static int notify_send(const char *text)
{
	struct sockaddr_un address;
	socklen_t nbytes;
	int fd, ret = address_make(&address, &nbytes);

	if (ret != 0)
		return ret == -ENOENT ? 0 : ret;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, nbytes) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int process_notify_ready(const char *status)
{
	char text[STATUS_MAX + 32];

	if (status == NULL)
		return notify_send("READY=1");
	snprintf(text, sizeof(text), "READY=1\nSTATUS=%.*s", STATUS_MAX, status);
	return notify_send(text);
}

int process_notify_status(const char *status)
{
	char text[STATUS_MAX + 32];

	snprintf(text, sizeof(text), "STATUS=%.*s", STATUS_MAX, status);
	return notify_send(text);
}

int process_notify_reloading(void)
{
	char text[80];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		 base_clock_steady_us());
	return notify_send(text);
}

int process_notify_stopping(void)
{
	return notify_send("STOPPING=1");
}

int process_notify_watchdog(void)
{
	return notify_send("WATCHDOG=1");
}

uint64_t process_notify_watchdog_interval_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) / 2000;
}
