/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/settings.h - what the command line of `weft register` and `weft node register` has about
 * the registration. One thread. */
#pragma once

struct service;
struct weft_registration;

/* Reads a port. Returns it, or -1 after a message. */
int service_settings_port(const char *text);

/* Sets what options that both commands have are for. Returns an exit status, after a message unless
 * it is CLI_OK. */
int service_settings_common(const struct service *s, struct weft_registration *r);

/* Sets all options and the pairs of the TXT record likewise. */
int service_settings_all(const struct service *s, struct weft_registration *r, int npairs,
			 char **pairs);
