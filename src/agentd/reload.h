/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/reload.h - taking a changed configuration into a running weft-agentd. One thread. */
#pragma once

#include "agentd/program.h"
#include "base/error.h"

/* What a caller wants to know of a reload; each may be NULL. */
struct agentd_reload_calls {
	/* Each option that differs: from what is in force, or, if it needs a restart, from what the
	 * program was started with. */
	void (*on_option)(void *arg, const char *option, bool needs_restart);
	base_report_fn report; /* each problem, which is logged, too */
	void *arg;
};

/* Reads the configuration again, opens the log again, and has all that needs no restart take
 * effect. `calls` may be NULL. Returns 0, or a negative errno with nothing changed. */
int agentd_reload(struct agentd *d, const struct agentd_reload_calls *calls);
