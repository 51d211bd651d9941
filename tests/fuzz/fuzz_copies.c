/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The copy of an order: a file as it is, or the copy that was saved of an instance whose name and
 * text the input has. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "assign/copies.h"
#include "dns/name.h"
#include "scratch.h"
#include "spec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	(void)error;
}

struct expected {
	const uint8_t *name;
	const char *json;
	unsigned n;
};

static int found(void *arg, const uint8_t *name, const char *json, size_t nchars,
		 struct base_error *error)
{
	struct expected *e = arg;

	(void)error;
	if (json[nchars] != '\0' || dns_name_nbytes(name) > DNS_NAME_MAX)
		abort();
	if (e->name != NULL && (!dns_name_equal(name, e->name) || strcmp(json, e->json) != 0))
		abort();
	e->n++;
	return 0;
}

/* Reads a name from the labels at the beginning of the input. Returns how many octets it took. */
static size_t name_make(uint8_t out[static DNS_NAME_MAX], const uint8_t *data, size_t size)
{
	size_t n = 0;

	while (n < size && data[n] > 0 && data[n] <= 63 && n + 1 + data[n] <= size &&
	       n + 2 + data[n] <= 255) {
		memcpy(out + n, data + n, 1 + (size_t)data[n]);
		n += 1 + (size_t)data[n];
	}
	out[n] = 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expected e = {0};
	struct assign_copies *copies;
	struct base_error error;
	uint8_t name[DNS_NAME_MAX];
	char *json;
	size_t n;

	if (size == 0)
		return 0;
	if (assign_copies_open(&copies, scratch_folder(), on_report, NULL, &error) < 0)
		abort();
	scratch_write("web-1._http._tcp.lab.cloud.order", data, size);
	assign_copies_load(copies, found, &e);
	dns_name_from_text(name, "web-1._http._tcp.lab.cloud", 26, NULL);
	assign_copies_remove(copies, name);
	n = name_make(name, data, size);
	json = strndup((const char *)data + n, size - n);
	if (json != NULL && n > 0 && strlen(json) <= SPEC_JSON_MAX) {
		e = (struct expected){name, json, 0};
		assign_copies_save(copies, name, json, false);
		assign_copies_load(copies, found, &e);
		assign_copies_remove(copies, name);
		if (e.n != 1)
			abort();
	}
	free(json);
	assign_copies_close(copies);
	return 0;
}
