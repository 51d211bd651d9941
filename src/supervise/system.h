/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/system.h - units of systemd as what a unit runs: the settings of a supervise/machine.h
 * that does it by systemctl, which speaks D-Bus and systemd's private socket.
 *
 * Where systemd is not the init system, there is none to be had, and that is the error. One
 * thread. */
#pragma once

#include <stdint.h>

struct base_error;
struct supervise_machine_settings;
struct supervise_system;

/* Returns 0 if systemd runs this machine, or -ENOSYS with `error` filled in. */
int supervise_system_is_here(struct base_error *error);

/* Makes the settings for systemd's unit `name`, which must have a suffix ("nginx.service").
 * Returns 0, or a negative errno with `error` filled in: -EINVAL for the name, -ENOSYS without
 * systemd. */
int supervise_system_new(struct supervise_system **out, const char *name, uint32_t timeout_ms,
			 struct base_error *error);

/* Returns the settings, borrowed until the system is freed; `name` and `output` are unset. */
const struct supervise_machine_settings *
supervise_system_settings(const struct supervise_system *system);

/* NULL is fine. */
void supervise_system_free(struct supervise_system *system);
