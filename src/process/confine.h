/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/confine.h - giving up, for good, what a DNS server does not need of the kernel.
 *
 * A fault in weft that a peer can use gets at nothing else then: no program can be run, no file
 * outside a few folders opened, no memory read by another process or from a core dump. All of it is
 * irrevocable and holds for the calling thread and those that it starts later, so it is called
 * before other threads start. Sanitizers need more; in builds with them more is allowed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Allows only the system calls that weftd, its libraries and the C library need (seccomp). All
 * others fail with ENOSYS, and the kernel's audit log records them: as on an older kernel, which is
 * what the C library is prepared for when it tries a new call first. No program can be run, no
 * process made, no memory made executable. Returns 0 or a negative errno. */
int process_confine_calls(void);

/* Turns off core dumps, and reading of the process' memory by other processes of the same user: it
 * has secrets. Returns 0 or a negative errno. */
int process_confine_memory(void);

/* A folder, or a file, that the process needs from now on. */
struct process_confine_path {
	const char *path;
	bool can_write; /* else files below it can only be read */
};

/* Allows only these paths, with all that is below them, and what libraries read: time zones, and
 * the settings of OpenSSL (Landlock). A path that does not exist is skipped. Open files and the
 * sockets of other processes are not affected. Returns 0; -ENOSYS or -EOPNOTSUPP if the kernel has
 * no Landlock (Linux 5.13), with nothing restricted; or another negative errno. */
int process_confine_files(const struct process_confine_path *paths, size_t npaths);

/* Returns whether process_confine_files has restricted this process. */
bool process_confine_has_files(void);
