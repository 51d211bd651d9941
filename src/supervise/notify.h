/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/notify.h - what services report by sd_notify(3): one datagram socket for all units of a
 * supervisor (NOTIFY_SOCKET).
 *
 * The kernel names the sender's process; that it belongs to a unit is for the receiver to find
 * out. Descriptors that come along are closed. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ev_loop;
struct supervise_notify;

enum { SUPERVISE_NOTIFY_STATUS_MAX = 256 };

/* A message; what it does not have is zero. */
struct supervise_notify_message {
	bool is_ready, is_stopping, is_reloading, is_watchdog, is_watchdog_trigger;
	bool has_status;
	char status[SUPERVISE_NOTIFY_STATUS_MAX]; /* cut; without control characters */
	pid_t main_pid;
	int exit_errno;	      /* ERRNO= */
	uint64_t extend_us;   /* EXTEND_TIMEOUT_USEC= */
	uint64_t watchdog_us; /* WATCHDOG_USEC= */
};

/* Parses the lines of a datagram. What is not known, or not valid, is skipped. */
void supervise_notify_parse(struct supervise_notify_message *out, const char *bytes, size_t nbytes);

/* Is called for each message, with the process that has sent it. */
typedef void (*supervise_notify_fn)(void *arg, pid_t sender,
				    const struct supervise_notify_message *message);

/* Receives at `path`, a socket that every user may send to; one that is there is replaced. Returns
 * 0, or a negative errno. */
int supervise_notify_open(struct supervise_notify **out, struct ev_loop *loop, const char *path,
			  supervise_notify_fn on_message, void *arg);

/* Stops receiving. The socket's file stays, for a supervisor that follows. NULL is fine. */
void supervise_notify_close(struct supervise_notify *notify);

/* Returns the path. */
const char *supervise_notify_path(const struct supervise_notify *notify);
