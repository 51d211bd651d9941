/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "export/input.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <weft/find.h>

#include "cli/text.h"
#include "service/show.h"

void export_input_head(FILE *out, const char *format, const struct export_input *in)
{
	char *name = cli_text_escape(in->name, strlen(in->name));

	fprintf(out, "# written by weft export %s %s; changes are lost\n", format,
		name != NULL ? name : "");
	free(name);
}

/* Instances are in the order of their names, so that a file does not change when only the order to
 * contact them in does. */
static int compare(const void *a, const void *b)
{
	const struct weft_instance *const *one = a, *const *other = b;
	int names = strcasecmp(weft_instance_name(*one), weft_instance_name(*other));

	if (names != 0)
		return names;
	names = strcasecmp(weft_instance_host(*one), weft_instance_host(*other));
	return names != 0 ? names : (int)weft_instance_port(*one) - (int)weft_instance_port(*other);
}

const struct weft_instance **export_input_usable(const struct export_input *in, size_t *n)
{
	const struct weft_instance **all = calloc(in->n + 1, sizeof(*all));

	*n = 0;
	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < in->n; i++)
		if (service_show_first(in->all[i]) != NULL && weft_instance_port(in->all[i]) > 0)
			all[(*n)++] = in->all[i];
	qsort(all, *n, sizeof(*all), compare);
	return all;
}
