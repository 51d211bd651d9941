/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/rename.h - names of instances that are another key's, changed to the next number. One
 * thread. */
#pragma once

#include "registrant/state.h"

/* Changes the name to the next number, as in `web (2)`. Returns false if that is not possible. */
bool registrant_rename(struct registrant_service *s);
