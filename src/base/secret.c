/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/secret.h"

#include <errno.h>

#include <sodium.h>

int base_secret_start(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

void base_secret_random(void *out, size_t nbytes)
{
	randombytes_buf(out, nbytes);
}

void base_secret_wipe(void *bytes, size_t nbytes)
{
	sodium_memzero(bytes, nbytes);
}

void base_secret_to_base64(char *out, const uint8_t *bytes, size_t nbytes)
{
	sodium_bin2base64(out, BASE_SECRET_BASE64_SIZE(nbytes), bytes, nbytes,
			  sodium_base64_VARIANT_ORIGINAL);
}

int base_secret_from_hex(uint8_t *out, size_t nbytes, const char *text, size_t nchars)
{
	size_t n;
	const char *end;

	if (sodium_hex2bin(out, nbytes, text, nchars, NULL, &n, &end) != 0 || n != nbytes ||
	    end != text + nchars)
		return -EINVAL;
	return 0;
}
