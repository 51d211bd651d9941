/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/attempt.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"

static bool errno_is_short(int e)
{
	return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM || e == EAGAIN;
}

static bool is_to_itself(int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t nhere = sizeof(here), nthere = sizeof(there);

	return getsockname(fd, (struct sockaddr *)&here, &nhere) == 0 &&
	       getpeername(fd, (struct sockaddr *)&there, &nthere) == 0 &&
	       base_address_equal((struct sockaddr *)&here, (struct sockaddr *)&there);
}

static enum reach_result result_of_connected(int fd, int *error)
{
	/* Closed without this, a socket to itself would hold the port for a minute (TIME-WAIT), and
	 * the server that is about to listen there could not. */
	const struct linger reset = {.l_onoff = 1};
	struct sockaddr_storage there;
	socklen_t n = sizeof(there);

	if (getpeername(fd, (struct sockaddr *)&there, &n) != 0) {
		*error = -ECONNRESET;
		return REACH_FAILED;
	}
	if (!is_to_itself(fd))
		return REACH_CONNECTED;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	*error = -ECONNREFUSED;
	return REACH_FAILED;
}

/* Connects the socket. What connect(2) itself reports is of this host, but for a refusal, which
 * loopback can report at once. */
static enum reach_result begin(int fd, const struct sockaddr *to, bool is_datagram, int *error)
{
	if (connect(fd, to, base_address_nbytes(to)) == 0)
		return is_datagram ? REACH_CONNECTED : result_of_connected(fd, error);
	if (errno == EINPROGRESS || errno == EINTR)
		return REACH_PENDING;
	*error = -errno;
	if (errno == ECONNREFUSED || errno == ECONNRESET)
		return REACH_FAILED;
	return errno_is_short(errno) ? REACH_SHORT : REACH_LOCAL;
}

enum reach_result reach_attempt_begin(const struct sockaddr *to, bool is_datagram, int *fd,
				      int *error)
{
	const int type = is_datagram ? SOCK_DGRAM : SOCK_STREAM;
	enum reach_result result;

	*fd = socket(to->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0) {
		*error = -errno;
		return errno_is_short(errno) ? REACH_SHORT : REACH_LOCAL;
	}
	result = begin(*fd, to, is_datagram, error);
	if (result == REACH_PENDING || result == REACH_CONNECTED)
		return result;
	close(*fd);
	*fd = -1;
	return result;
}

enum reach_result reach_attempt_check(int fd, int *error)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	int e = 0;
	socklen_t n = sizeof(e);

	if (poll(&ready, 1, 0) != 1)
		return REACH_PENDING;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0)
		e = errno;
	if (e == 0)
		return result_of_connected(fd, error);
	*error = -e;
	return REACH_FAILED;
}
