/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* threads.h - waits for detached threads of the code under test. List threads.c among the program's
 * sources. */
#pragma once

#include <stdbool.h>

/* Remembers how many threads the process has, with those that a sanitizer adds beside the first
 * one. Call it when the code under test has none. */
void threads_remember(void);

/* Returns whether the threads that were made since then have ended. */
bool threads_are_over(void);

/* Waits for that; fails after 10 seconds. */
void threads_wait(void);
