/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/messages.h"

#include <errno.h>
#include <stdlib.h>

#include "base/grow.h"
#include "push/message.h"

struct push_messages *push_messages_new(void)
{
	struct push_messages *m = calloc(1, sizeof(*m));

	if (m != NULL)
		m->nusers = 1;
	return m;
}

int push_messages_add(struct push_messages *m, const uint8_t *msg, size_t nbytes)
{
	struct push_message **item = base_grow(m->item, m->count, &m->capacity, sizeof(*item)),
			    *one;

	if (item == NULL)
		return -ENOMEM;
	m->item = item;
	one = push_message_new(msg, nbytes);
	if (one == NULL)
		return -ENOMEM;
	item[m->count++] = one;
	m->nbytes += one->nbytes;
	return 0;
}

void push_messages_release(struct push_messages *m)
{
	if (m == NULL || --m->nusers > 0)
		return;
	for (size_t i = 0; i < m->count; i++)
		push_message_release(m->item[i]);
	free(m->item);
	free(m);
}
