/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* depend/depend.h - where a service is that another one uses.
 *
 * Watches the service's type and chooses one of the instances that belong to the service and are
 * up, in the order of RFC 2782 (find_order). The choice stays as long as it is good: it changes
 * when its instance ends, moves or is not up any more. While no registry answers it stays, too. It
 * does not know the instance that uses the service. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "depend/choice.h"
#include "find/instance.h"
#include "follow/follow.h"

struct depend;

/* Takes where the service is now: `host_port` is `ADDRESS:PORT`, with brackets around an IPv6
 * address, NULL if no instance is up; `instance` is the owner name of the chosen one, else NULL.
 * Called first when all is known, also if there is none, or a moment after one was found; then when
 * address, port or incarnation of the chosen one changes, when it is another one, when there is
 * none any more. Both are valid during the call. The function may free the depend. */
typedef void (*depend_change_fn)(void *arg, const char *host_port, const uint8_t *instance);

/* Begins to look for the instances `NAME` and `NAME-N` of the type, like `_http._tcp`, in `zone`.
 * Texts are copied; `f` is borrowed until the end. Returns 0, -EINVAL if name or type cannot be
 * those of a service, or -ENOMEM. */
int depend_new(struct depend **out, struct follow *f, const uint8_t *zone, const char *name,
	       const char *type, depend_change_fn on_change, void *arg);

/* Ends looking, also from within the call; NULL is fine. */
void depend_free(struct depend *d);

/* Returns the instance that is chosen now, or NULL; valid until resolve_events_run. */
const struct find_instance *depend_chosen(const struct depend *d);

/* Returns whether there is an answer: on_change was called. */
bool depend_is_known(const struct depend *d);
