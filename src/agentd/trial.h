/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/trial.h - whether the installed program would start, before it replaces this one.
 *
 * The program checks the configuration, in a process of its own, for which the caller waits: some
 * milliseconds. One thread. */
#pragma once

#include "base/error.h"

/* Runs `program -t -c config_path`. Returns 0 if it would start, or a negative errno with `error`
 * filled in: -EINVAL with what it has reported. */
int agentd_trial_run(const char *program, const char *config_path, struct base_error *error);
