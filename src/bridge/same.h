/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/same.h - whether a rule of a reload does what one before it did.
 *
 * Then what is bridged by it stays as it is: nothing is withdrawn and announced again because of a
 * reload that did not concern it. No state; any thread. */
#pragma once

#include <stdbool.h>

struct bridge_into;
struct bridge_rule;
struct bridge_rules;

/* Returns whether two rules have the same effect. */
bool bridge_same_rule(const struct bridge_rule *a, const struct bridge_rule *b);

/* Returns whether some rule of the list writes to the same name of the same zone. */
bool bridge_same_into(const struct bridge_rules *list, const struct bridge_into *into);
