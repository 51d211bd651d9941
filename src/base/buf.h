/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/buf.h - the bounded cursors: base_buf reads bytes, base_out writes them.
 *
 * A cursor remembers its first failure: after a read past the end, or a write past
 * the room, every later call does nothing (reads give 0), so a parser reads its
 * fields in a straight line and asks once at the end. Nobody else does arithmetic
 * on packet pointers. Integers are big-endian, as on the wire. A cursor belongs to
 * one thread and borrows its memory. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct base_buf {
	const uint8_t *start;
	const uint8_t *at;
	const uint8_t *end;
	bool has_failed; /* a read went past the end, or base_buf_fail was called */
};

struct base_out {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
	bool is_full; /* something did not fit */
};

static inline uint16_t base_load16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t base_load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t base_load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline void base_store16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void base_store32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void base_store64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

/* A reading cursor over `nbytes` at `bytes`, which it borrows. */
static inline struct base_buf base_buf_over(const void *bytes, size_t nbytes)
{
	const uint8_t *p = bytes;

	return (struct base_buf){.start = p, .at = p, .end = p == NULL ? p : p + nbytes};
}

static inline void base_buf_fail(struct base_buf *b)
{
	b->has_failed = true;
	b->at = b->end;
}

/* Bytes not read yet, and bytes read so far. */
static inline size_t base_buf_left(const struct base_buf *b)
{
	return (size_t)(b->end - b->at);
}

static inline size_t base_buf_offset(const struct base_buf *b)
{
	return (size_t)(b->at - b->start);
}

/* Takes the next `nbytes` as a view into the memory below; NULL and failed if there are fewer. */
static inline const uint8_t *base_buf_take(struct base_buf *b, size_t nbytes)
{
	const uint8_t *p = b->at;

	if (nbytes > base_buf_left(b)) {
		base_buf_fail(b);
		return NULL;
	}
	b->at += nbytes;
	return p;
}

static inline uint8_t base_buf_u8(struct base_buf *b)
{
	const uint8_t *p = base_buf_take(b, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t base_buf_u16(struct base_buf *b)
{
	const uint8_t *p = base_buf_take(b, 2);

	return p == NULL ? 0 : base_load16(p);
}

static inline uint32_t base_buf_u32(struct base_buf *b)
{
	const uint8_t *p = base_buf_take(b, 4);

	return p == NULL ? 0 : base_load32(p);
}

static inline uint64_t base_buf_u48(struct base_buf *b)
{
	uint64_t high = base_buf_u16(b);

	return high << 32 | base_buf_u32(b);
}

static inline uint64_t base_buf_u64(struct base_buf *b)
{
	const uint8_t *p = base_buf_take(b, 8);

	return p == NULL ? 0 : base_load64(p);
}

/* A writing cursor over `nbytes` of room at `bytes`, which it borrows. */
static inline struct base_out base_out_over(void *bytes, size_t nbytes)
{
	uint8_t *p = bytes;

	return (struct base_out){.start = p, .at = p, .end = p == NULL ? p : p + nbytes};
}

static inline size_t base_out_nbytes(const struct base_out *o)
{
	return (size_t)(o->at - o->start);
}

static inline size_t base_out_left(const struct base_out *o)
{
	return (size_t)(o->end - o->at);
}

/* Reserves the next `nbytes` to be filled in by the caller; NULL and full if there is no room. */
static inline uint8_t *base_out_take(struct base_out *o, size_t nbytes)
{
	uint8_t *p = o->at;

	if (o->is_full || nbytes > base_out_left(o)) {
		o->is_full = true;
		return NULL;
	}
	o->at += nbytes;
	return p;
}

static inline void base_out_bytes(struct base_out *o, const void *bytes, size_t nbytes)
{
	uint8_t *p = base_out_take(o, nbytes);

	if (p != NULL && nbytes > 0)
		memcpy(p, bytes, nbytes);
}

static inline void base_out_u8(struct base_out *o, uint8_t v)
{
	uint8_t *p = base_out_take(o, 1);

	if (p != NULL)
		*p = v;
}

static inline void base_out_u16(struct base_out *o, uint16_t v)
{
	uint8_t *p = base_out_take(o, 2);

	if (p != NULL)
		base_store16(p, v);
}

static inline void base_out_u32(struct base_out *o, uint32_t v)
{
	uint8_t *p = base_out_take(o, 4);

	if (p != NULL)
		base_store32(p, v);
}

static inline void base_out_u48(struct base_out *o, uint64_t v)
{
	base_out_u16(o, (uint16_t)(v >> 32));
	base_out_u32(o, (uint32_t)v);
}

static inline void base_out_u64(struct base_out *o, uint64_t v)
{
	uint8_t *p = base_out_take(o, 8);

	if (p != NULL)
		base_store64(p, v);
}
