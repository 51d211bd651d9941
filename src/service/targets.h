/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/targets.h - instances as targets of Prometheus (http_sd). Pure: any thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

struct service_input;

/* Makes the list of targets with their labels. Returns NULL if memory is short. */
json_t *service_targets_json(const struct service_input *in);

/* Writes the list. Returns 0 or -ENOMEM. */
int service_targets_write(FILE *out, const struct service_input *in);
