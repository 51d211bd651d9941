/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/buf.h - the bounded cursors: base_buf reads bytes, base_out writes them.
 *
 * A cursor remembers its first failure: after a read past the end, or a write past the capacity,
 * every later call does nothing (reads return 0), so a parser reads its fields in a straight line
 * and asks once at the end. No other file does arithmetic on packet pointers. Integers are
 * big-endian, as on the wire. It does not know what the bytes mean. A cursor borrows its memory and
 * belongs to one thread. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A reading cursor. */
struct base_buf {
	const uint8_t
		*start;	    /* first byte, also that of the message that pointers are relative to */
	const uint8_t *at;  /* next byte to read */
	const uint8_t *end; /* after the last byte that may be read */
	bool has_failed;    /* a read went past the end, or base_buf_fail was called */
};

/* A writing cursor. */
struct base_out {
	uint8_t *start; /* first byte */
	uint8_t *at;	/* next byte to write */
	uint8_t *end;	/* after the last byte that may be written */
	bool is_full;	/* something did not fit; nothing has been written since */
};

/* ---- integers in memory, big-endian, at any alignment ---- */

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

/* ---- reading ---- */

/* Returns a cursor over the `nbytes` at `bytes`, which it borrows. `bytes` may be NULL: no bytes.
 */
static inline struct base_buf base_buf_over(const void *bytes, size_t nbytes)
{
	const uint8_t *p = bytes;

	return (struct base_buf){.start = p, .at = p, .end = p == NULL ? p : p + nbytes};
}

/* Makes the cursor fail: no bytes are left. For bytes that are there, but invalid. */
static inline void base_buf_fail(struct base_buf *b)
{
	b->has_failed = true;
	b->at = b->end;
}

/* Returns the number of bytes not read yet; 0 once the cursor has failed. */
static inline size_t base_buf_left(const struct base_buf *b)
{
	return (size_t)(b->end - b->at);
}

/* Returns the number of bytes between the start and the next byte. */
static inline size_t base_buf_offset(const struct base_buf *b)
{
	return (size_t)(b->at - b->start);
}

/* Takes the next `nbytes`. Returns a view into the borrowed memory, or NULL with `b` failed if
 * fewer are left. */
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

/* Take an integer of 1, 2, 4, 6 or 8 bytes. Return 0 with `b` failed if fewer are left. */
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

/* ---- writing ---- */

/* Returns a cursor that writes up to `nbytes` to `bytes`, which it borrows. `bytes` may be NULL: no
 * capacity. */
static inline struct base_out base_out_over(void *bytes, size_t nbytes)
{
	uint8_t *p = bytes;

	return (struct base_out){.start = p, .at = p, .end = p == NULL ? p : p + nbytes};
}

/* Returns the number of bytes written so far. */
static inline size_t base_out_nbytes(const struct base_out *o)
{
	return (size_t)(o->at - o->start);
}

/* Returns the number of bytes that still fit. */
static inline size_t base_out_left(const struct base_out *o)
{
	return (size_t)(o->end - o->at);
}

/* Reserves the next `nbytes` for the caller to fill in. Returns them, or NULL with `o` full if they
 * do not fit. */
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

/* Writes `nbytes` of `bytes`: all of them, or none with `o` full. */
static inline void base_out_bytes(struct base_out *o, const void *bytes, size_t nbytes)
{
	uint8_t *p = base_out_take(o, nbytes);

	if (p != NULL && nbytes > 0)
		memcpy(p, bytes, nbytes);
}

/* Write an integer of 1, 2, 4, 6 or 8 bytes. */
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
