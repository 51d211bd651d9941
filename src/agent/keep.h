/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/keep.h - what an agent knows of an instance and of its node when it is started again: one
 * small file each.
 *
 * A start does not wait for the file: the number of an instance may come into it just after its
 * process has it, and before it is registered. What is adopted has it in its environment. A file
 * that is damaged counts as none. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "child/identity.h"
#include "spec/version.h"

enum { AGENT_KEEP_USES_MAX = 1024, AGENT_KEEP_REASON_MAX = 256 };

/* Of an instance. */
struct agent_keep {
	uint64_t inc;		   /* the last one that was given; 0: none yet */
	uint32_t port;		   /* that it had; 0: none */
	bool is_stopped;	   /* by an operator */
	bool has_run;		   /* was up, so there may be something to be restored */
	char boot[CHILD_BOOT_MAX]; /* in which it was started last; "": never */
	char cfg[SPEC_CFG_MAX], ver[SPEC_VER_MAX]; /* of what was started last */
	/* What it was given of what it uses, or was signalled since: NAME=HOST:PORT with blanks
	 * between. What does not fit is not there. */
	char uses[AGENT_KEEP_USES_MAX];
	/* It has ended by itself, and is not to be started again in this boot unless its
	 * declaration changes or somebody wants that. */
	bool has_failed, is_done;
	char end_boot[CHILD_BOOT_MAX], end_cfg[SPEC_CFG_MAX];
	char end_reason[AGENT_KEEP_REASON_MAX]; /* one line */
};

/* Reads and writes the file `name` in `folder`. Reading returns 0, or a negative errno with `out`
 * all zero: -ENOENT, -EBADMSG. What an operator wants, `is_durable`, survives a power failure;
 * a number that does not is found in the zone. */
int agent_keep_read(struct agent_keep *out, const char *folder, const char *name);
int agent_keep_write(const struct agent_keep *keep, const char *folder, const char *name,
		     bool is_durable);

/* Returns whether the same would be written. */
bool agent_keep_equal(const struct agent_keep *a, const struct agent_keep *b);

/* Returns whether a file of that name in the folder is the one of `name`. */
bool agent_keep_is_of(const char *file, const char *name);

/* Returns the number that a process was started with (WEFT_INC in its environment), 0 if that
 * cannot be read. */
uint64_t agent_keep_inc_of(pid_t pid);

/* Adds NAME=WHERE to `keep->uses`, or changes it; WHERE NULL removes it. */
void agent_keep_use(struct agent_keep *keep, const char *name, const char *where);

/* Returns whether it has exactly this. */
bool agent_keep_has_use(const struct agent_keep *keep, const char *name, const char *where);

/* Of the node. */
struct agent_keep_node {
	uint64_t age;		   /* how often it has appeared */
	char boot[CHILD_BOOT_MAX]; /* in which it has appeared last */
	bool has_left;		   /* and was stopped since, with its services */
};

int agent_keep_node_read(struct agent_keep_node *out, const char *folder);
int agent_keep_node_write(const struct agent_keep_node *keep, const char *folder);
