/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/health.h - whether weftd is well: what an operator should look after, in words.
 *
 * Only figures are read that other threads have published: nobody is asked, so it works while a
 * disk hangs. A reason is something that is so now; it goes away by itself once it is mended. Main
 * thread only. */
#pragma once

#include <stdbool.h>

#include "daemon/daemon.h"

enum daemon_health_reason {
	DAEMON_HEALTH_COMMITS,	   /* updates cannot be stored, or the disk does not answer */
	DAEMON_HEALTH_CHECKPOINTS, /* cannot be written: the log grows */
	DAEMON_HEALTH_CONFIG,	   /* the configuration was refused at the last reload */
	DAEMON_HEALTH_ZONES,	   /* do not have what their files have */
	DAEMON_HEALTH_LOG,	   /* lines are dropped */
	DAEMON_HEALTH_METRICS,	   /* cannot be served */
	DAEMON_HEALTH_LAN,	   /* is not bridged, though it should be */
	DAEMON_HEALTH_REASONS,
};

/* Returns the word for a reason, a constant. */
const char *daemon_health_word(enum daemon_health_reason reason);

/* Returns whether there is this reason to be unwell, and writes it to `text` as a sentence without
 * a full stop. */
bool daemon_health_has(struct daemon *d, enum daemon_health_reason reason,
		       char text[static DAEMON_HEALTH_TEXT_MAX]);

/* Reports to the service manager how weftd is: `serving`, or `unwell: ` and the reasons, each with
 * its word and its sentence, as far as they fit. With `is_ready` also that it is ready; else
 * nothing is sent unless that has changed. */
void daemon_health_notify(struct daemon *d, bool is_ready);
