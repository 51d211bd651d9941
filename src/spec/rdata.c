/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/rdata.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

enum { STRING_MAX = 255 };

size_t spec_rdata_nbytes(size_t nchars)
{
	/* Rdata has one string at least (RFC 1035 section 3.3.14). */
	size_t nstrings = nchars == 0 ? 1 : nchars / STRING_MAX + (nchars % STRING_MAX != 0);

	return nchars > SPEC_RDATA_MAX || nchars + nstrings > SPEC_RDATA_MAX ? 0
									     : nchars + nstrings;
}

size_t spec_rdata_write(uint8_t *out, size_t size, const char *text, size_t nchars)
{
	struct base_out o = base_out_over(out, size);

	if (spec_rdata_nbytes(nchars) == 0)
		return 0;
	do {
		size_t n = nchars < STRING_MAX ? nchars : STRING_MAX;

		base_out_u8(&o, (uint8_t)n);
		base_out_bytes(&o, text, n);
		text += n;
		nchars -= n;
	} while (nchars > 0);
	return o.is_full ? 0 : base_out_nbytes(&o);
}

int spec_rdata_read(char *out, size_t size, size_t *nchars, const uint8_t *rdata, size_t nbytes,
		    struct base_error *error)
{
	struct base_buf b = base_buf_over(rdata, nbytes);
	struct base_out o = base_out_over(out, size);

	if (nbytes == 0)
		return base_error_set(error, -EBADMSG, "the record is empty");
	while (base_buf_left(&b) > 0) {
		size_t n = base_buf_u8(&b);
		const uint8_t *string = base_buf_take(&b, n);

		if (string != NULL)
			base_out_bytes(&o, string, n);
	}
	if (b.has_failed)
		return base_error_set(error, -EBADMSG, "a string of the record is cut short");
	if (memchr(out, '\0', base_out_nbytes(&o)) != NULL)
		return base_error_set(error, -EBADMSG, "the record contains a zero octet");
	*nchars = base_out_nbytes(&o);
	base_out_u8(&o, 0);
	if (o.is_full)
		return base_error_set(error, -EBADMSG, "the record has more than %zu characters",
				      size > 0 ? size - 1 : 0);
	return 0;
}
