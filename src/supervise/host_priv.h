/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/host_priv.h - the host, for the units of this room. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "child/group.h"
#include "supervise/host.h"

struct supervise_notify_message;
struct supervise_output_settings;

/* The process that has sent a message. What is known of it is read once, for all units: any user
 * may send, as often as it likes. */
struct supervise_sender {
	pid_t pid, session; /* 0: unknown */
	char group[CHILD_GROUP_PATH_MAX];
};

/* A unit as the host sees it: embedded in its runner. */
struct supervise_member {
	LIST_ENTRY(supervise_member) link;
	const char *name;
	const struct supervise_output_settings *output; /* NULL: does not rotate */

	/* Handles a message if the sender is one of the unit's processes; else returns false. NULL:
	 * takes none. */
	bool (*on_message)(struct supervise_member *member, const struct supervise_sender *sender,
			   const struct supervise_notify_message *message);
	/* Makes descriptors survive execve. NULL: has none. */
	int (*hand_over)(struct supervise_member *member);
	void *arg;
};

void supervise_host_add(struct supervise_host *host, struct supervise_member *member);
void supervise_host_remove(struct supervise_member *member);

/* Returns the path of NOTIFY_SOCKET. */
const char *supervise_host_notify_path(const struct supervise_host *host);

/* Writes the path of a unit's control group. Returns false if there are no groups. */
bool supervise_host_group(const struct supervise_host *host, const char *name,
			  char out[static CHILD_GROUP_PATH_MAX]);

enum { SUPERVISE_MARK_MAX = 320, SUPERVISE_PATH_MAX = 512 };

/* Writes the mark of a unit's processes, "WEFT_SUPERVISED=...". */
void supervise_host_mark(const struct supervise_host *host, const char *name,
			 char out[static SUPERVISE_MARK_MAX]);

/* Writes the path of a unit's state file. */
void supervise_host_state_path(const struct supervise_host *host, const char *name,
			       char out[static SUPERVISE_PATH_MAX]);

/* Reads what is known of the process `pid`. */
void supervise_host_sender(struct supervise_sender *out, pid_t pid);

/* Returns whether processes of the unit ran when the host was opened. */
bool supervise_host_has_left(const struct supervise_host *host, const char *name);

/* Reports a problem that ends nothing: `what`, of a unit if `name` is not NULL, and why. */
void supervise_host_report(const struct supervise_host *host, enum base_log_level level,
			   const char *name, int code, const char *what);

/* Reports an error of a unit that ends nothing. */
void supervise_host_report_error(const struct supervise_host *host, enum base_log_level level,
				 const char *name, const struct base_error *error);

/* Returns a random number, for jitter. */
uint32_t supervise_host_random(void);
