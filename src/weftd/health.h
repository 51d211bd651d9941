/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/health.h - whether weftd is well: what an operator should look after, in words.
 *
 * Only figures are read that other threads have published: nobody is asked, so it works while a
 * disk hangs. A reason is something that is so now; it goes away by itself once it is mended. Main
 * thread only. */
#pragma once

#include <stdbool.h>

#include "weftd/weftd.h"

enum weftd_health_reason {
	WEFTD_HEALTH_COMMITS,	  /* updates cannot be stored, or the disk does not answer */
	WEFTD_HEALTH_CHECKPOINTS, /* cannot be written: the log grows */
	WEFTD_HEALTH_CONFIG,	  /* the configuration was refused at the last reload */
	WEFTD_HEALTH_ZONES,	  /* do not have what their files have */
	WEFTD_HEALTH_LOG,	  /* lines are dropped */
	WEFTD_HEALTH_METRICS,	  /* cannot be served */
	WEFTD_HEALTH_REASONS,
};

/* Returns the word for a reason, a constant. */
const char *weftd_health_word(enum weftd_health_reason reason);

/* Returns whether there is this reason to be unwell, and writes it to `text` as a sentence without a
 * full stop. */
bool weftd_health_has(struct weftd *d, enum weftd_health_reason reason,
		      char text[static WEFTD_HEALTH_TEXT_MAX]);

/* Reports to the service manager how weftd is: `serving`, or `unwell: ` and the reasons, each with its
 * word and its sentence, as far as they fit. With `is_ready` also that it is ready; else nothing is
 * sent unless that has changed. */
void weftd_health_notify(struct weftd *d, bool is_ready);
