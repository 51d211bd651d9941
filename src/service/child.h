/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/child.h - the command that a command of weft runs, with the exit statuses of shells: 127
 * if there is no such program, 126 if it cannot be executed, 128 and the signal if one has ended
 * it. One thread. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts the program, found in PATH, with the signal mask `mask` and the usual actions. Returns its
 * process, or -1 with the exit status in `status` after a message. */
pid_t service_child_start(char *const *argv, const sigset_t *mask, int *status);

/* Returns whether the process has ended, with its exit status in `status`. */
bool service_child_has_ended(pid_t child, int *status);

/* Reports that a program could not be executed. Returns the exit status. */
int service_child_failed(const char *program, int error);
