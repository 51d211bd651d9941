/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "store/store.h"

#include "store/engine.h"

int store_open(struct store **out, const struct store_engine *engine,
	       const struct store_settings *settings, struct base_error *error)
{
	return engine->open(out, settings, error);
}

void store_close(struct store *s)
{
	if (s != NULL)
		s->engine->close(s);
}

const char *store_place(const struct store *s)
{
	return s == NULL || s->place == NULL ? "" : s->place;
}

int store_recover(struct store *s, const struct store_recovery *r, struct base_error *error)
{
	return s->engine->recover(s, r, error);
}

int store_commit(struct store *s, const struct store_batch *batch)
{
	return s->engine->commit(s, batch);
}

uint64_t store_log_nbytes(struct store *s)
{
	return s->engine->log_nbytes(s);
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

int store_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
		       int (*on_change)(void *, const struct store_change *), void *arg)
{
	return s->engine->history_read(s, zone, serial, on_change, arg);
}

int store_backup_begin(struct store *s, struct store_backup **out)
{
	return s->engine->backup_begin(s, out);
}

int store_backup_write(struct store_backup *b, uint64_t time_s, const char *text,
		       int (*on_bytes)(void *arg, const void *bytes, size_t nbytes), void *arg)
{
	return b->store->engine->backup_write(b, time_s, text, on_bytes, arg);
}

void store_backup_info(const struct store_backup *b, struct store_backup_info *out)
{
	b->store->engine->backup_info(b, out);
}

void store_backup_end(struct store_backup *b)
{
	if (b != NULL)
		b->store->engine->backup_end(b);
}

void store_stats_get(struct store *s, struct store_stats *out)
{
	s->engine->stats_get(s, out);
}

void store_counters_get(struct store *s, struct store_stats *out)
{
	s->engine->counters_get(s, out);
}
