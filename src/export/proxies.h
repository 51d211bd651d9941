/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* export/proxies.h - instances as the servers of HAProxy and nginx. Pure: any thread. */
#pragma once

#include <stdio.h>

struct export_input;

/* Write a backend of HAProxy, or an upstream of nginx. Return 0 or -ENOMEM. */
int export_proxies_haproxy(FILE *out, const struct export_input *in);
int export_proxies_nginx(FILE *out, const struct export_input *in);
