/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of the journal share: functions for a recovery that ignore their arguments. */
#pragma once

#include "store/store.h"

static inline int kit_ignore_record(void *arg, const struct dns_record *record)
{
	(void)arg;
	(void)record;
	return 0;
}

static inline int kit_ignore_checkpoint_end(void *arg, const uint8_t *zone)
{
	(void)arg;
	(void)zone;
	return 0;
}

static inline int kit_ignore_change(void *arg, const struct store_change *change)
{
	(void)arg;
	(void)change;
	return 0;
}

static inline int kit_ignore_item(void *arg, const struct store_item *item)
{
	(void)arg;
	(void)item;
	return 0;
}
