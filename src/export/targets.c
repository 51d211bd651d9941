/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "export/targets.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <weft/find.h>

#include "cli/text.h"
#include "export/input.h"
#include "service/show.h"

enum { LABEL_MAX = 300 };

/* Adds a label. Its value is any UTF-8; of its name other characters become `_`. */
static void label_add(json_t *labels, const char *prefix, const char *key, json_t *value)
{
	char name[LABEL_MAX];
	size_t n = (size_t)snprintf(name, sizeof(name), "__meta_weft_%s", prefix);

	for (; *key != '\0' && n + 1 < sizeof(name); key++)
		name[n++] = isalnum((unsigned char)*key) && (*key & 0x80) == 0 ? *key : '_';
	name[n] = '\0';
	if (json_object_get(labels, name) == NULL)
		json_object_set_new(labels, name, value);
	else
		json_decref(value);
}

static json_t *text_json(char *owned)
{
	json_t *value = json_string(owned != NULL ? owned : "");

	free(owned);
	return value;
}

static json_t *labels_make(const struct weft_instance *i)
{
	json_t *labels = json_object();

	label_add(labels, "", "name", text_json(service_show_label(i)));
	label_add(labels, "", "type", json_string(weft_instance_type(i)));
	label_add(labels, "", "domain", json_string(weft_instance_domain(i)));
	label_add(labels, "", "host", text_json(service_show_host(i)));
	label_add(labels, "", "state", json_string(weft_state_name(weft_instance_state(i))));
	for (size_t n = 0; n < weft_instance_txt_count(i); n++) {
		const char *value;
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		label_add(labels, "txt_", weft_instance_txt_key(i, n),
			  nvalue == (size_t)-1 ? json_string("true")
					       : cli_text_to_json(value, nvalue));
	}
	return labels;
}

json_t *export_targets_json(const struct export_input *in)
{
	size_t n;
	const struct weft_instance **all = export_input_usable(in, &n);
	json_t *list = all != NULL ? json_array() : NULL;
	char endpoint[SERVICE_SHOW_ADDRESS_MAX];

	for (size_t i = 0; list != NULL && i < n; i++)
		json_array_append_new(
			list, json_pack("{s:[s], s:o}", "targets",
					service_show_endpoint(endpoint, service_show_first(all[i])),
					"labels", labels_make(all[i])));
	free(all);
	return list;
}

int export_targets_write(FILE *out, const struct export_input *in)
{
	json_t *list = export_targets_json(in);

	if (list == NULL)
		return -ENOMEM;
	json_dumpf(list, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(list);
	return 0;
}
