/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/report.h - what the owners of registrations are to know, kept until nothing else runs:
 * they may do anything then. One thread. */
#pragma once

#include "registrant/state.h"

/* Keeps an event for the owner of the unit. */
void registrant_report_add(struct registrant_service *s, enum registrant_event event, int error,
			   const char *why);

/* Keeps a failure, unless the same one was reported last; with a node, for those who are at it. */
void registrant_report_failure(struct registrant_service *s, int error, const char *why);

/* Drops what is kept for a unit. */
void registrant_report_drop(struct registrant_service *s);

/* Calls the owners; `arg` is the registrant. */
void registrant_report_run(void *arg, uint64_t now_ms);
