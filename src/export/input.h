/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* export/input.h - instances to be written in another program's format, and what all formats have
 * in common. Pure: any thread. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct weft_instance;

/* What is written. */
struct export_input {
	const char *name;  /* of the service, as it was asked for */
	const char *title; /* of the backend or upstream; NULL: made of the name */
	const struct weft_instance *const *all;
	size_t n;
};

/* Writes the comment that all configurations begin with. */
void export_input_head(FILE *out, const char *format, const struct export_input *in);

/* Returns the instances that have an address and a port, sorted by name, host and port, to be
 * freed, or NULL; their number is in `n`. */
const struct weft_instance **export_input_usable(const struct export_input *in, size_t *n);
