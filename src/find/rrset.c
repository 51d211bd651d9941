/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/rrset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { LENGTH_NBYTES = 2 };

struct find_rrset *find_rrset_new(enum find_rrset_kind kind, uint64_t expires_ms, unsigned nrecords,
				  size_t nbytes)
{
	size_t size = nbytes + (size_t)nrecords * LENGTH_NBYTES;
	struct find_rrset *r = malloc(sizeof(*r) + size);

	if (r == NULL)
		return NULL;
	*r = (struct find_rrset){
		.nreferences = 1, .kind = kind, .expires_ms = expires_ms, .size = size};
	return r;
}

void find_rrset_add(struct find_rrset *r, const uint8_t *rdata, uint16_t nbytes)
{
	struct base_out out = base_out_over(r->bytes + r->nbytes, r->size - r->nbytes);

	base_out_u16(&out, nbytes);
	base_out_bytes(&out, rdata, nbytes);
	assert(!out.is_full);
	r->nbytes += base_out_nbytes(&out);
	r->nrecords++;
}

struct find_rrset *find_rrset_acquire(struct find_rrset *r)
{
	r->nreferences++;
	return r;
}

void find_rrset_release(struct find_rrset *r)
{
	if (r != NULL && --r->nreferences == 0)
		free(r);
}

bool find_rrset_next(const struct find_rrset *r, size_t *at, struct find_rdata *out)
{
	struct base_buf b = base_buf_over(r->bytes + *at, r->nbytes - *at);

	out->nbytes = base_buf_u16(&b);
	out->bytes = base_buf_take(&b, out->nbytes);
	if (b.has_failed)
		return false;
	*at += LENGTH_NBYTES + (size_t)out->nbytes;
	return true;
}
