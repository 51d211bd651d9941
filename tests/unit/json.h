/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* JSON in tests, written with ' for ". One thread. */
#pragma once

#include <jansson.h>

/* Returns the value that the text is, for the caller to release. */
json_t *json_of(const char *text);
