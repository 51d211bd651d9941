/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/engine.h - an engine of the store that only counts what it is given, for tests of
 * batches and of the registrar. A commit or a removal returns what the test wants. One thread at a
 * time. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registry/registrar.h"
#include "store/engine.h"
#include "store/store.h"

struct kit_engine {
	struct store store; /* first; for registry_settings */
	int ret;	    /* what the next commits and removals return */
	const char *poison; /* in the key of an item: the commit returns -EMSGSIZE; NULL: none */

	/* of the last commit or removal, and how many of both there were */
	size_t nchanges, nitems, ncommits, nremovals;
};

static inline int kit_engine_commit(struct store *s, const struct store_batch *batch)
{
	struct kit_engine *e = (struct kit_engine *)s;

	e->ncommits++;
	e->nchanges = batch->nchanges;
	e->nitems = batch->nitems;
	for (size_t i = 0; e->poison != NULL && i < batch->nitems; i++)
		if (memmem(batch->items[i].key, batch->items[i].nkey, e->poison,
			   strlen(e->poison)) != NULL)
			return -EMSGSIZE;
	return e->ret;
}

static inline int kit_engine_remove(struct store *s, const uint8_t *zone,
				    const struct store_batch *items)
{
	struct kit_engine *e = (struct kit_engine *)s;

	(void)zone;
	e->nremovals++;
	e->nchanges = 0;
	e->nitems = items->nitems;
	return e->ret;
}

/* Makes an engine whose commits succeed. */
static inline void kit_engine_init(struct kit_engine *e)
{
	static const struct store_engine engine = {
		.commit = kit_engine_commit,
		.zone_remove = kit_engine_remove,
	};

	*e = (struct kit_engine){.store = {.engine = &engine}};
}

/* Makes an engine and a registrar that commits to it. */
static inline struct registry_registrar *kit_engine_registrar(struct kit_engine *e,
							      struct registry_state *state)
{
	struct registry_registrar *r;

	kit_engine_init(e);
	r = registry_registrar_new(&(struct registry_settings){.store = &e->store, .state = state});
	assert_non_null(r);
	return r;
}
