/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* run.h - the loop of programs that print what happens. One thread. */
#pragma once

#include "resolve/events.h"

/* Runs the events until standard input has something to read, or ends. */
void run_until_input(struct resolve_events *events);
