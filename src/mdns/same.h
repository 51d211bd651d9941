/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/same.h - whether a rule of a reload does what one before it did.
 *
 * Then what is bridged by it stays as it is: nothing is withdrawn and announced again because of a
 * reload that did not concern it. No state; any thread. */
#pragma once

#include <stdbool.h>

struct mdns_into;
struct mdns_rule;
struct mdns_rules;

/* Returns whether two rules have the same effect. */
bool mdns_same_rule(const struct mdns_rule *a, const struct mdns_rule *b);

/* Returns whether some rule of the list writes to the same name of the same zone. */
bool mdns_same_into(const struct mdns_rules *list, const struct mdns_into *into);
