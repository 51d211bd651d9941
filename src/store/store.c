/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/engine.h"

const char *const store_engines[] = {"journal", NULL};

static const struct store_engine *const engines[] = {&store_journal};

int store_open(struct store **out, const struct store_settings *settings, char *why,
	       size_t why_size)
{
	const char *name = settings->engine == NULL ? engines[0]->name : settings->engine;

	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i]->open(out, settings, why, why_size);
	snprintf(why, why_size, "There is no store engine \"%s\".", name);
	return -ENOTSUP;
}

void store_close(struct store *s)
{
	if (s != NULL)
		s->engine->close(s);
}

int store_recover(struct store *s, const struct store_recovery *r, char *why, size_t why_size)
{
	return s->engine->recover(s, r, why, why_size);
}

int store_commit(struct store *s, const struct store_batch *batch)
{
	return s->engine->commit(s, batch);
}

uint64_t store_log_bytes(struct store *s)
{
	return s->engine->log_bytes(s);
}

int store_checkpoint_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   uint32_t serial)
{
	return s->engine->checkpoint_begin(s, out, zone, serial);
}

int store_checkpoint_record(struct store_checkpoint *c, const struct dns_record *record)
{
	return c->store->engine->checkpoint_record(c, record);
}

int store_checkpoint_end(struct store_checkpoint *c)
{
	return c->store->engine->checkpoint_end(c);
}

void store_checkpoint_abort(struct store_checkpoint *c)
{
	if (c != NULL)
		c->store->engine->checkpoint_abort(c);
}

int store_baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			 const void *identity, size_t nidentity)
{
	return s->engine->baseline_begin(s, out, zone, identity, nidentity);
}

int store_baseline_prepare(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   const void *identity, size_t nidentity)
{
	return s->engine->baseline_prepare(s, out, zone, identity, nidentity);
}

int store_baseline_adopt(struct store *s, const uint8_t *zone, const void *begin, size_t nbegin)
{
	return s->engine->baseline_adopt(s, zone, begin, nbegin);
}

int store_baseline_read(struct store *s, const uint8_t *zone,
			int (*on_record)(void *, const struct dns_record *), void *arg)
{
	return s->engine->baseline_read(s, zone, on_record, arg);
}

int store_baseline_identity(struct store *s, const uint8_t *zone, void *out, size_t size)
{
	return s->engine->baseline_identity(s, zone, out, size);
}

int store_zone_remove(struct store *s, const uint8_t *zone, const struct store_batch *items)
{
	return s->engine->zone_remove(s, zone, items);
}

bool store_history_has(struct store *s, const uint8_t *zone, uint32_t serial)
{
	return s->engine->history_has(s, zone, serial);
}

int store_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
		       int (*on_change)(void *, const struct store_change *), void *arg)
{
	return s->engine->history_read(s, zone, serial, on_change, arg);
}

void store_stats_get(struct store *s, struct store_stats *out)
{
	s->engine->stats_get(s, out);
}
