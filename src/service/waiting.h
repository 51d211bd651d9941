/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/waiting.h - waiting for a registry, and what a terminal shows meanwhile: after a second,
 * which registry is asked, unless -q is given.
 *
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct service;
struct weft_instances;

/* Finds. Writes what was found, at least one, to `out`. Returns CLI_OK, or another exit status
 * after a message; `is_silent`: without one if there is nothing of that name. */
int service_waiting_find(const struct service *s, const char *name, bool is_silent,
			 struct weft_instances **out);

/* Finds the types of the domain likewise. */
int service_waiting_find_types(const struct service *s, struct weft_instances **out);

/* Explains why nothing has come of `name`, NULL for the types, that is followed: asks once more,
 * for a second. Returns an exit status after a message; CLI_OK if there is an answer by now. */
int service_waiting_explain(const struct service *s, const char *name);

/* Waits until `is_done`, which callbacks set. */
void service_waiting_for(const struct service *s, const bool *is_done);

/* Shows that a registry is waited for while a function of libweft that waits itself runs, until the
 * end. Uses SIGALRM. */
void service_waiting_begin(const struct service *s);
void service_waiting_end(void);
