/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/mdns.h"

#include <errno.h>

int locate_mdns_new(struct locate_mdns **out, struct resolve_events *events, locate_mdns_fn done,
		    void *arg, uint64_t now_ms)
{
	(void)out;
	(void)events;
	(void)done;
	(void)arg;
	(void)now_ms;
	return -EOPNOTSUPP;
}

const struct resolve_endpoint *locate_mdns_found(const struct locate_mdns *m, size_t *n)
{
	(void)m;
	*n = 0;
	return NULL;
}

void locate_mdns_free(struct locate_mdns *m)
{
	(void)m;
}
