/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/outfit.h - a declared instance as a unit of supervise/unit.h: its folder, user,
 * environment, secrets, parameters, port, limits, output, checks and commands.
 *
 *	outfit_new -> on_open -> supervise_unit_start(outfit_unit()) ... -> outfit_close
 *
 * It knows what weft-spec(5) describes of a process, and no registry: what is known of the instance
 * comes as struct outfit_facts. Before each process that the unit starts, also by itself after a
 * death, on_starting() is called; there the owner gives new facts. Thread of the host's loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outfit/known.h"
#include "spec/service.h"
#include "supervise/output.h"
#include "supervise/unit.h"

struct base_error;
struct outfit;

/* What happens. No function may close the outfit. All but on_open and on_action are called like
 * those of supervise/unit.h: from the loop, and from functions that act on the unit. NULL: not
 * wanted. */
struct outfit_events {
	/* Called once, from the loop, after outfit_new() and after outfit_apply() have succeeded:
	 * `error` NULL, or why the declaration cannot be used (validate-all of a resource agent).
	 * An outfit that has failed to open has no unit, and takes another declaration or is closed
	 * by its owner; one that was open goes on with what it had. */
	void (*on_open)(void *arg, struct outfit *o, const struct base_error *error);
	/* The unit is about to start a process or to run its start command, after a preparation if
	 * there is one to be done, or to recycle a machine. The owner may call outfit_refresh(),
	 * and nothing else. Not called for what is adopted. */
	void (*on_starting)(void *arg, struct outfit *o);
	void (*on_state)(void *arg, struct outfit *o, enum supervise_unit_state old);
	void (*on_health)(void *arg, struct outfit *o);
	void (*on_status)(void *arg, struct outfit *o, const char *status);
	/* A command of outfit_run_action() has ended: `reason` NULL, or why it has failed. */
	void (*on_action)(void *arg, struct outfit *o, const char *reason);
};

/* Begins to open the instance's unit, which adopts what runs of it; on_open() follows. The service
 * is copied. `events` and `arg` are borrowed until the outfit is closed. Returns 0, or a negative
 * errno with `error` filled in, a sentence for people: no such user, no free port, no such resource
 * agent, no systemd (-ENOSYS) ... What only a start needs is made at each start, and if that fails
 * the unit is `failed`, with the reason: folder, parameters, secrets. */
int outfit_new(struct outfit **out, const struct outfit_node *node, const struct spec_service *s,
	       const struct outfit_facts *facts, const struct outfit_events *events, void *arg,
	       struct base_error *error);

/* Returns the unit, to be started, stopped, restarted, checked and looked at; NULL before
 * on_open(). It must not be closed. */
struct supervise_unit *outfit_unit(const struct outfit *o);

/* Returns the name of the unit, of the folder and of the log: "web-1._http._tcp". */
const char *outfit_name(const struct outfit *o);

/* Returns the port in use; 0 without one. One of `port: auto` is kept; only if another program has
 * bound it meanwhile, a start takes another one, after on_starting(). */
uint32_t outfit_port(const struct outfit *o);

/* Returns the instance's folder. */
const char *outfit_folder(const struct outfit *o);

/* Returns where the output is, for supervise_output_tail() and supervise/follow.h; its `path` is
 * NULL if there is no file. */
const struct supervise_output_settings *outfit_output(const struct outfit *o);

/* Uses these facts from the next process or command on: inc, must_restore and uses; checks use the
 * addresses at once. What runs keeps what it was started with. Returns 0 or -ENOMEM, with the old
 * facts in use. */
int outfit_refresh(struct outfit *o, const struct outfit_facts *facts);

/* Takes another declaration of the same instance, instead of one that is not in use yet; on_open()
 * follows. Nothing is restarted: if none of what has changed needs a restart (spec/diff.h), it is
 * in use at once, else from the next start on, for which the owner asks; the stop before it is one
 * by the old declaration. Returns 0, or a negative errno with `error` filled in and nothing
 * changed. on_open() has -EXDEV if `run`, `ocf`, `unit` and `machine` are exchanged while it runs:
 * then stop it first. */
int outfit_apply(struct outfit *o, const struct spec_service *s, struct base_error *error);

/* Gives what is being loaded no longer than a stop has; on_open() follows. */
void outfit_hurry(struct outfit *o);

/* Does what `reload`, `on-change` or `fence` has: a signal to the main process, a command with
 * environment, user and folder of the instance (on_action() follows), also while it does not run,
 * or a restart. Returns 0 or a negative errno with `error` filled in: -ESRCH if it does not run,
 * -ENOTSUP for a signal to what has no process. */
int outfit_run_action(struct outfit *o, const struct spec_action *action, struct base_error *error);

/* Closes it; what runs goes on, for an outfit_new() to come, and the port is free for others. NULL
 * is fine. */
void outfit_close(struct outfit *o);

/* Removes what a stopped instance that is assigned no more has left: its folder, in the background,
 * and its parameters. The log stays, to be read and to be gone on with if it comes back;
 * outfit_prune() removes it in the end. Takes the outfit, as outfit_close() does. */
void outfit_remove_take(struct outfit *o);

/* Removes what is left in the node's folders: folders that were being removed when an agent ended,
 * and logs that nothing was written to for `log_age_s` seconds and that `is_known` does not want to
 * keep (their names without ".log"). For the start, and once a day or so. Returns how many. */
unsigned outfit_prune(const struct outfit_node *node, uint64_t log_age_s,
		      bool (*is_known)(void *arg, const char *name), void *arg);
