/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follower.h - replaces follow/follow.h in a program that tests one of its users.
 *
 * It has one user, and no client. The test decides when there is a turn. */
#pragma once

#include "follow/follow.h"

extern struct follow_user *follower_user; /* NULL: none, or it was removed, and has ended */
extern uint64_t follower_wake_ms;	  /* when it wants a turn; UINT64_MAX: not by time */
