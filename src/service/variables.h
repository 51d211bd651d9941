/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/variables.h - an instance as variables of the environment: WEFT_NAME and so on.
 *
 * A value has no NUL; of those of TXT none that has one is a variable, and of keys whose names
 * become the same the first is. Pure: any thread. */
#pragma once

#include <stddef.h>

struct sockaddr;
struct weft_instance;

/* Takes a variable; its name begins with the prefix. Returns 0, or not 0 to stop. */
typedef int (*service_variable_fn)(void *arg, const char *name, const char *value);

/* Calls `fn` for each variable of the instance: NAME, TYPE, HOST, PORT, ADDRESS, STATE and TXT_key,
 * after `prefix`. `address` is the one that is connected, or NULL: the first. Returns 0; what `fn`
 * has stopped with; or -ENOMEM. */
int service_variables_each(const struct weft_instance *i, const char *prefix,
			   const struct sockaddr *address, service_variable_fn fn, void *arg);

/* Sets the variables in the environment of this process, after having removed those of another
 * instance. Returns 0 or a negative errno. */
int service_variables_set(const struct weft_instance *i, const struct sockaddr *address);
