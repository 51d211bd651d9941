/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/variables.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/find.h>

#include "service/show.h"

enum { KEY_MAX = 255, VARIABLE_MAX = 32 + KEY_MAX + 1 };

extern char **environ;

/* Writes what a key of TXT is called as a variable. */
static void name_make(char out[static VARIABLE_MAX], const char *prefix, const char *key)
{
	size_t n = (size_t)snprintf(out, VARIABLE_MAX, "%.20sTXT_", prefix);

	for (; *key != '\0' && n + 1 < VARIABLE_MAX; key++)
		out[n++] = (*key & 0x80) == 0 && isalnum((unsigned char)*key) ? *key : '_';
	out[n] = '\0';
}

/* Whether a key before the n-th has the same name. */
static bool is_taken(const struct weft_instance *i, size_t n, const char *prefix, const char *name)
{
	char other[VARIABLE_MAX];

	for (size_t before = 0; before < n; before++) {
		name_make(other, prefix, weft_instance_txt_key(i, before));
		if (strcmp(other, name) == 0)
			return true;
	}
	return false;
}

static int txt_each(const struct weft_instance *i, const char *prefix, service_variable_fn fn,
		    void *arg)
{
	char name[VARIABLE_MAX];
	int ret = 0;

	for (size_t n = 0; ret == 0 && n < weft_instance_txt_count(i); n++) {
		const char *value;
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		name_make(name, prefix, weft_instance_txt_key(i, n));
		if (is_taken(i, n, prefix, name) ||
		    (nvalue != (size_t)-1 && strlen(value) != nvalue))
			continue;
		ret = fn(arg, name, value);
	}
	return ret;
}

int service_variables_each(const struct weft_instance *i, const char *prefix,
			   const struct sockaddr *address, service_variable_fn fn, void *arg)
{
	char *label = service_show_label(i), *host = service_show_host(i);
	char text[SERVICE_SHOW_ADDRESS_MAX], port[8], name[VARIABLE_MAX];
	const struct {
		const char *name, *value;
	} variables[] = {
		{"NAME", label},   {"TYPE", weft_instance_type(i)},
		{"HOST", host},	   {"PORT", port},
		{"ADDRESS", text}, {"STATE", weft_state_name(weft_instance_state(i))},
	};
	int ret = label != NULL && host != NULL ? 0 : -ENOMEM;

	service_show_address(text, address != NULL ? address : service_show_first(i));
	snprintf(port, sizeof(port), "%u", weft_instance_port(i));
	for (size_t n = 0; ret == 0 && n < sizeof(variables) / sizeof(*variables); n++) {
		snprintf(name, sizeof(name), "%.20s%s", prefix, variables[n].name);
		ret = fn(arg, name, variables[n].value);
	}
	if (ret == 0)
		ret = txt_each(i, prefix, fn, arg);
	free(label);
	free(host);
	return ret;
}

static int variable_set(void *arg, const char *name, const char *value)
{
	(void)arg;
	return setenv(name, value, 1) == 0 ? 0 : -errno;
}

int service_variables_set(const struct weft_instance *i, const struct sockaddr *address)
{
	for (char **e = environ; e != NULL && *e != NULL;) {
		char name[VARIABLE_MAX];
		size_t nname = strcspn(*e, "=");

		if (strncmp(*e, "WEFT_TXT_", strlen("WEFT_TXT_")) != 0 || nname >= sizeof(name)) {
			e++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)nname, *e);
		unsetenv(name); /* moves the ones after it */
	}
	return service_variables_each(i, "WEFT_", address, variable_set, NULL);
}
