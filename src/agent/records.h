/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/records.h - how an instance is registered: SRV, TXT and `_uses`, made of its declaration
 * and its state. One thread. */
#pragma once

#include "agent/state.h"

/* Weights of instances that work, but not well, are divided by this. */
enum { AGENT_DEGRADED = 4 };

/* Registers the instance as it is now, if it is registered at all or `begins`. `is_adopted`: an
 * earlier agent has registered it. */
void agent_records_set(struct agent_instance *i, bool begins, bool is_adopted);
