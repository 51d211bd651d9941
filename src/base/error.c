/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static int fill(struct base_error *error, int code, struct base_location at, const char *format,
		va_list args)
{
	if (error != NULL) {
		error->code = code;
		error->at = at;
		vsnprintf(error->text, sizeof(error->text), format, args);
	}
	return code;
}

int base_error_set(struct base_error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(error, code, (struct base_location){NULL, 0}, format, args);
	va_end(args);
	return code;
}

int base_error_set_at(struct base_error *error, int code, struct base_location at,
		      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(error, code, at, format, args);
	va_end(args);
	return code;
}
