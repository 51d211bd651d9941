/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/service.h - the runner of a process of ours: sockets, control group, notifications,
 * output; and the end of all that it has started.
 *
 * A service is gone when its main process has ended and nothing of its control group, its session
 * and its mark lives any more: what survives the main process is ended first. Thread of
 * the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "supervise/limits.h"
#include "supervise/output.h"
#include "supervise/runner.h"
#include "supervise/socket.h"
#include "supervise/stop.h"

struct child_command;
struct supervise_host;

/* All is borrowed until the runner is closed. */
struct supervise_service_settings {
	const char *name;
	const struct child_command *command;
	const struct supervise_socket_settings *sockets; /* kept open while the runner is open */
	unsigned nsockets;
	struct supervise_stop_settings stop;
	struct supervise_output_settings output;
	bool is_to_journal;   /* where there is a journal, instead of `output` */
	uint32_t watchdog_ms; /* WATCHDOG=1 must come so often; 0: need not */
	struct supervise_limits limits;
};

/* Makes a runner for a unit. Returns 0, -ENOMEM, or -E2BIG if it has too many sockets. */
int supervise_service_new(struct supervise_runner **out, struct supervise_host *host,
			  const struct supervise_service_settings *settings);

/* Goes on with other settings of the same name, which are borrowed instead. What runs is not
 * touched, but stopped by the new settings; a socket that both have stays open. Returns as
 * supervise_service_new. */
int supervise_service_change(struct supervise_runner *runner,
			     const struct supervise_service_settings *settings);
