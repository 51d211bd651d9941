/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/fabric.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

static const uint8_t keys_label[] = "\4keys";

int fabric_new_empty(struct fabric **out, const uint8_t *name)
{
	size_t nbytes = dns_name_nbytes(name);
	struct fabric *f;

	if (nbytes == 1)
		return -EINVAL;
	if (nbytes > FABRIC_NAME_MAX)
		return -ENAMETOOLONG;
	f = sodium_malloc(sizeof(*f));
	if (f == NULL)
		return -ENOMEM;
	memset(f, 0, sizeof(*f));
	dns_name_lower(f->name, name);
	dns_name_join(f->keys, keys_label, sizeof(keys_label) - 1, f->name);
	*out = f;
	return 0;
}

static void epoch_begin(struct fabric_epoch *e, uint32_t number, uint64_t now_s)
{
	e->number = number;
	e->begun_s = now_s;
	randombytes_buf(e->master, sizeof(e->master));
}

int fabric_new(struct fabric **out, const uint8_t *name, uint64_t now_s)
{
	uint8_t pair[crypto_sign_SECRETKEYBYTES];
	struct fabric *f;
	int ret = fabric_new_empty(&f, name);

	if (ret < 0)
		return ret;
	randombytes_buf(f->seed, sizeof(f->seed));
	crypto_sign_seed_keypair(f->public_key, pair, f->seed);
	sodium_memzero(pair, sizeof(pair));
	epoch_begin(&f->epoch[0], 1, now_s);
	f->nepochs = 1;
	f->has_secrets = true;
	*out = f;
	return 0;
}

void fabric_free(struct fabric *f)
{
	sodium_free(f);
}

void fabric_rotate(struct fabric *f, uint64_t now_s)
{
	if (f->nepochs < FABRIC_EPOCHS_MAX)
		f->nepochs++;
	memmove(&f->epoch[1], &f->epoch[0], (f->nepochs - 1) * sizeof(f->epoch[0]));
	epoch_begin(&f->epoch[0], f->epoch[0].number + 1, now_s);
}

bool fabric_epoch_is_valid(const struct fabric *f, unsigned i, uint32_t overlap_s, uint64_t now_s)
{
	return i == 0 || (i == 1 && now_s < f->epoch[0].begun_s + overlap_s);
}

bool fabric_has_key(const struct fabric *f, const uint8_t *name)
{
	return dns_name_is_under(name, f->keys) && dns_name_nbytes(name) > dns_name_nbytes(f->keys);
}

size_t fabric_key_from_text(const struct fabric *f, uint8_t out[static DNS_NAME_MAX],
			    const char *text)
{
	size_t nchars = strlen(text);
	bool is_full = nchars > 0 && text[nchars - 1] == '.';

	if (dns_name_from_text(out, text, nchars, NULL) == 0)
		return 0;
	if (!fabric_has_key(f, out) &&
	    (is_full || dns_name_from_text(out, text, nchars, f->keys) == 0))
		return 0;
	return fabric_has_key(f, out) ? dns_name_lower(out, out) : 0;
}
