/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* offline/export.h - the records of a zone in a store that no weftd uses: `weft store export`.
 *
 * Changes nothing on disk, and writes nothing either: records and problems are handed to functions.
 * One thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct dns_record;

struct offline_export_reader {
	/* Gets each record, owners in canonical order; borrowed during the call. A value other than
	 * 0 ends the export. */
	int (*on_record)(void *arg, const struct dns_record *record);
	/* Gets each damage, before the records that follow it. */
	base_report_fn on_problem;
	void *arg; /* of both */
};

/* Exports a zone (wire name): its checkpoint and all changes since. Returns 0; -ENOENT if the store
 * has nothing of the zone; -EBADMSG if something is damaged, after handing on what can be read;
 * -EBUSY if a weftd uses the store; another negative errno; or what `on_record` returned. */
int offline_export(const char *folder, const uint8_t *zone,
		   const struct offline_export_reader *reader);
