/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follower.h"

struct follow_user *follower_user;
uint64_t follower_wake_ms;

void follow_add(struct follow *f, struct follow_user *u)
{
	(void)f;
	follower_user = u;
	follower_wake_ms = UINT64_MAX;
	u->is_dirty = true;
}

void follow_remove(struct follow *f, struct follow_user *u)
{
	(void)f;
	follower_user = NULL;
	u->end(u->arg);
}

void follow_touch(struct follow *f, struct follow_user *u)
{
	(void)f;
	u->is_dirty = true;
}

void follow_wake(struct follow *f, struct follow_user *u, uint64_t at_ms)
{
	(void)f;
	(void)u;
	follower_wake_ms = at_ms;
}

struct client *follow_client(struct follow *f)
{
	(void)f;
	return NULL;
}
