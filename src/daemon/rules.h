/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/rules.h - the workers' rules, made from the configuration and the zones that are loaded.
 * Main thread. */
#pragma once

#include "base/error.h"

struct daemon;
struct server_rules;
struct settings;

/* Makes the rules for a configuration, of which they borrow texts, keys and address lists: the
 * configuration must outlive them. All its zones are in `d`. Returns NULL if memory is short, or
 * after calling `report` with each error. */
struct server_rules *daemon_rules_new(struct daemon *d, const struct settings *config,
				      base_report_fn report, void *arg);

/* Frees rules that no worker uses. NULL is fine. */
void daemon_rules_free(struct server_rules *v);

/* Makes the rules those of all workers, and `config` (NULL: no change) the configuration that they
 * were made from. The former ones are freed when no update or transfer uses them. Returns 0, or
 * -ENOMEM with the rules freed and nothing changed; `config` is then the caller's. */
int daemon_rules_replace(struct daemon *d, struct server_rules *take, struct settings *config);

/* Makes a new cookie secret of our own; the one before it stays valid. Rules made from here on have
 * it. */
void daemon_rules_roll_cookies(struct daemon *d);
