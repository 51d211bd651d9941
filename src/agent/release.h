/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/release.h - the end of another's record that an instance waits for: its own registration by
 * another node, or a claim. It is followed, so that the instance need not wait for the next try of
 * its registrant. One thread. */
#pragma once

#include "agent/state.h"

/* Follows the record at `name`, and no other one any more; NULL: none. */
void agent_release_follow(struct agent_instance *i, const uint8_t *name);
