/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/complete.h - the domain and the registries of a wish, given or as this host knows them. One
 * thread. */
#pragma once

#include "setup/snippet.h"

struct cli_options;

/* Adds to the wish the domain, first, unless it has one, and the registries unless files are to be
 * removed. Those that are known only because this host's resolver is asked for them do not count:
 * it would ask itself. Returns an exit status, after a message unless it is CLI_OK. */
int setup_wish_complete(struct setup_wish *w, const struct cli_options *options);
