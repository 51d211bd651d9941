/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/version.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "spec/diff.h"
#include "spec/json.h"

enum { SEED_CFG = 0x636667, SEED_VER = 0x766572 };

/* Writes the hash of the canonical text of a value. */
static int hash_write(char out[static SPEC_CFG_MAX], const json_t *value, uint64_t seed)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
					       JSON_REAL_PRECISION(10));

	if (text == NULL)
		return -ENOMEM;
	snprintf(out, SPEC_CFG_MAX, "%016" PRIx64, base_checksum(text, strlen(text), seed));
	free(text);
	return 0;
}

int spec_version_cfg(char out[static SPEC_CFG_MAX], const struct spec_service *s)
{
	json_t *object = spec_json_of(s);
	const char *name;
	json_t *member;
	void *next;
	int ret;

	if (object == NULL)
		return -ENOMEM;
	json_object_foreach_safe(object, next, name, member)
	{
		if (spec_diff_consequence(name, &s->reload) < SPEC_RESTART)
			json_object_del(object, name);
	}
	ret = hash_write(out, object, SEED_CFG);
	json_decref(object);
	return ret;
}

int spec_version_ver(char out[static SPEC_VER_MAX], const struct spec_service *s)
{
	json_t *object;
	int ret;

	out[0] = '\0';
	if (s->version != NULL) {
		snprintf(out, SPEC_VER_MAX, "%s", s->version);
		return 0;
	}
	if (s->prepare.count == 0)
		return 0;
	object = spec_json_of(s);
	if (object == NULL)
		return -ENOMEM;
	ret = hash_write(out, json_object_get(object, "prepare"), SEED_VER);
	json_decref(object);
	return ret;
}
