/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/socket.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address.h"
#include "base/error.h"

static socklen_t nbytes_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_UNIX
		       ? sizeof(struct sockaddr_un)
		       : base_address_nbytes((const struct sockaddr *)address);
}

static const char *path_of(const struct sockaddr_storage *address)
{
	return ((const struct sockaddr_un *)address)->sun_path;
}

/* Removes a Unix socket's file if nobody listens at it. */
static void stale_remove(const struct supervise_socket_settings *settings)
{
	int fd = socket(AF_UNIX, settings->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&settings->address,
		    nbytes_of(&settings->address)) < 0 &&
	    errno == ECONNREFUSED && lstat(path_of(&settings->address), &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		unlink(path_of(&settings->address));
	close(fd);
}

/* Binds `fd` and listens. Returns 0 or a negative errno. */
static int set_up(int fd, const struct supervise_socket_settings *settings)
{
	const struct sockaddr *address = (const struct sockaddr *)&settings->address;
	int on = 1, is_single = !settings->is_dual;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_single, sizeof(is_single)) < 0)
		return -errno;
	if (bind(fd, address, nbytes_of(&settings->address)) < 0)
		return -errno;
	if (address->sa_family == AF_UNIX && path_of(&settings->address)[0] != '\0' &&
	    chmod(path_of(&settings->address), settings->mode != 0 ? settings->mode : 0666) < 0)
		return -errno;
	if (settings->type != SOCK_DGRAM &&
	    listen(fd, settings->backlog > 0 ? settings->backlog : SOMAXCONN) < 0)
		return -errno;
	return 0;
}

/* Opens the socket for IPv4 alone, at its port. */
static int without_ipv6_open(const struct supervise_socket_settings *settings,
			     struct base_error *error)
{
	struct supervise_socket_settings other = *settings;
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = ((const struct sockaddr_in6 *)&settings->address)->sin6_port;
	memset(&other.address, 0, sizeof(other.address));
	memcpy(&other.address, &address, sizeof(address));
	other.is_dual = false;
	return supervise_socket_open(&other, error);
}

int supervise_socket_open(const struct supervise_socket_settings *settings,
			  struct base_error *error)
{
	bool is_file = settings->address.ss_family == AF_UNIX;
	char text[BASE_ADDRESS_TEXT_MAX];
	int fd, ret;

	fd = socket(settings->address.ss_family, settings->type | SOCK_CLOEXEC, 0);
	if (fd < 0 && errno == EAFNOSUPPORT && settings->is_dual)
		return without_ipv6_open(settings, error);
	if (fd < 0)
		return base_error_set(error, -errno, "socket %s: %s", settings->name,
				      strerror(errno));
	if (is_file && path_of(&settings->address)[0] != '\0')
		stale_remove(settings);
	ret = set_up(fd, settings);
	if (ret == 0)
		return fd;
	close(fd);
	if (ret == -EADDRNOTAVAIL && settings->is_dual) /* net.ipv6.conf.all.disable_ipv6 */
		return without_ipv6_open(settings, error);
	return base_error_set(
		error, ret, "socket %s: cannot listen at %s: %s", settings->name,
		is_file ? path_of(&settings->address)
			: base_address_to_text(text, (const struct sockaddr *)&settings->address),
		strerror(-ret));
}

uint64_t supervise_socket_inode(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

/* Returns the number that the socket has in a process, or -1. */
static int number_find(uint64_t inode, pid_t pid)
{
	char path[64], wanted[64], link[64];
	struct dirent *entry;
	int number = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	snprintf(wanted, sizeof(wanted), "socket:[%llu]", (unsigned long long)inode);
	dir = opendir(path);
	while (dir != NULL && number < 0 && (entry = readdir(dir)) != NULL) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		if (n > 0 && (size_t)n == strlen(wanted) && memcmp(link, wanted, (size_t)n) == 0)
			number = atoi(entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return number;
}

int supervise_socket_take(uint64_t inode, pid_t pid, int pidfd)
{
	int number = number_find(inode, pid), fd;

	if (number < 0)
		return -ENOENT;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (fd < 0)
		return -errno;
	if (supervise_socket_inode(fd) == inode)
		return fd;
	close(fd); /* the process has closed it, and opened another one, meanwhile */
	return -ENOENT;
}
