/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/takeover.h - a service that is registered from another node: its instance gets another
 * owner, and nothing of the registration before remains. */
#pragma once

struct update;

/* Takes over the instances that the update registers and that belong to another key, which the
 * policy has permitted: removes the records of the instance, of what it uses, and its PTRs at
 * service types that the former owner leased, so that no lease of his holds them; then makes the
 * key that signed the owner. Returns 0, -ECANCELED or -ENOMEM. */
int update_take_over(struct update *u);
