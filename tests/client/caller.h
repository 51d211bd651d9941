/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* caller.h - the parts of caller.c: what it prints, and what its words do.
 *
 * A command gets the words after its own, with NULL after the last one. It returns WEFT_OK or why
 * it failed, which is printed. */
#pragma once

#include <weft/weft.h>

enum { CALLER_LINE_MAX = 8192, CALLER_MANY = 4096 };

extern struct weft *caller_context;

/* ---- print.c ---- */

/* Prints a line with the time before it. */
void caller_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void caller_print_error(int error);

/* Appends to a text, as far as there is room. */
void caller_append(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void caller_append_address(char *out, size_t size, const struct sockaddr *sa);

/* Returns an instance as text, valid until the next call. */
const char *caller_instance(const struct weft_instance *i);

/* ---- seeking.c ---- */

int caller_find(char **words);
int caller_find_start(char **words);
int caller_types(char **words);
int caller_watch(char **words);
int caller_unwatch(char **words);

/* ---- connecting.c ---- */

int caller_connect(char **words);
int caller_connect_start(char **words);
int caller_datagram(char **words);
int caller_sticky(char **words);
int caller_hold(char **words);
int caller_failure(char **words);
int caller_connector(char **words);
int caller_go(char **words);
int caller_follow(char **words);

/* ---- registrations.c ---- */

int caller_register(char **words);
int caller_register_wait(char **words);
int caller_node(char **words);
int caller_set(char **words);
int caller_end(char **words);
int caller_free(char **words);
int caller_unregister(char **words);
int caller_remove(char **words);
int caller_state(char **words);
