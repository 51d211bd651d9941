/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/ask.h"

#include "base/rcu.h"
#include "registry/registrar.h"
#include "weftd/weftd.h"

void weftd_ask(struct weftd *d, void (*run)(struct registry_registrar *r, void *arg), void *arg)
{
	/* The registrar may wait for a grace period meanwhile, and must not wait for us. */
	base_rcu_offline();
	registry_registrar_run(d->registrar, run, arg);
	base_rcu_online();
}
