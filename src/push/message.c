/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct push_message *push_message_new(const uint8_t *msg, size_t nbytes)
{
	struct push_message *m = malloc(sizeof(*m) + 2 + nbytes);

	if (m == NULL)
		return NULL;
	m->nusers = 1;
	m->since_us = 0;
	m->nbytes = 2 + nbytes;
	base_store16(m->bytes, (uint16_t)nbytes);
	memcpy(m->bytes + 2, msg, nbytes);
	return m;
}

struct push_message *push_message_acquire(struct push_message *m)
{
	m->nusers++;
	return m;
}

void push_message_release(struct push_message *m)
{
	if (m != NULL && --m->nusers == 0)
		free(m);
}
