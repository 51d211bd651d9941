/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/detect.h - which resolver answers this host's questions.
 *
 * Reads /etc/resolv.conf, NetworkManager's configuration and the names of running processes; asks
 * and changes nothing. One thread. */
#pragma once

#include "setup/snippet.h"

enum { SETUP_REASON_MAX = 192 };

/* Returns the resolver, or SETUP_RESOLVERS if none is found, with what shows it, or what there is
 * instead, in `reason`: for people. `root` is before all paths, "" for this host. */
enum setup_resolver setup_detect(const char *root, char reason[static SETUP_REASON_MAX]);
