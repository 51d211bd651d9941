/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"

struct weft *kit_context(void)
{
	struct weft *w;

	unsetenv("WEFT_REGISTRY");
	unsetenv("WEFT_KEY_FILE");
	assert_int_equal(weft_new(&w), WEFT_OK);
	assert_int_equal(weft_set_config(w, ""), WEFT_OK);
	assert_int_equal(weft_set_registry(w, "tcp://127.0.0.1@1"), WEFT_OK);
	assert_int_equal(weft_set_domain(w, "lab.cloud"), WEFT_OK);
	return w;
}

unsigned kit_nobjects(const struct weft *w)
{
	unsigned n = 0;

	for (const struct api_object *o = w->objects; o != NULL; o = o->next)
		n += o != &w->rooms;
	return n;
}

void kit_fail_each(int (*begin)(struct weft *w))
{
	int n = 0, ret;

	do {
		struct weft *w = kit_context();

		assert_int_equal(weft_load(w), WEFT_OK);
		memory_fail_after(n++);
		ret = begin(w);
		memory_fail_after(MEMORY_ENOUGH);
		if (ret != WEFT_OK) {
			assert_int_equal(ret, WEFT_E_MEMORY);
			assert_string_not_equal(weft_error_text(w), "");
			assert_int_equal(kit_nobjects(w), 0);
			/* The same can be begun later. */
			assert_int_equal(begin(w), WEFT_OK);
		}
		weft_free(w);
	} while (memory_has_failed());
	assert_true(n > 1);
}
