/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/known.h - the domain and the registries that this host knows already. One thread. */
#pragma once

#include "setup/snippet.h"

struct cli_options;

/* Adds to the wish what the command line lacks: the domain, first, and the registries. Those that
 * are known only because this host's resolver is asked for them do not count: it would ask itself.
 * Returns an exit status, after a message unless it is CLI_OK. */
int setup_known_add(struct setup_wish *w, const struct cli_options *options);
