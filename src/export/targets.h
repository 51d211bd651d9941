/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* export/targets.h - instances as targets of Prometheus (http_sd). Pure: any thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

struct export_input;

/* Makes the list of targets with their labels. Returns NULL if memory is short. */
json_t *export_targets_json(const struct export_input *in);

/* Writes the list. Returns 0 or -ENOMEM. */
int export_targets_write(FILE *out, const struct export_input *in);
