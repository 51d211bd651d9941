/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/aside.h"

#include "daemon/daemon.h"

static void *aside_main(void *arg)
{
	struct command_aside *aside = arg;

	aside->run(aside);
	ev_async_send(aside->daemon->loop, &aside->wake);
	return NULL;
}

static void on_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct command_aside *aside = async->data;

	(void)events;
	pthread_join(aside->thread, NULL);
	ev_async_stop(loop, async);
	aside->done(aside);
}

int command_aside_run(struct daemon *d, struct command_aside *aside,
		      void (*run)(struct command_aside *aside),
		      void (*done)(struct command_aside *aside))
{
	int ret;

	aside->daemon = d;
	aside->run = run;
	aside->done = done;
	ev_async_init(&aside->wake, on_wake);
	aside->wake.data = aside;
	ev_async_start(d->loop, &aside->wake);
	ret = -pthread_create(&aside->thread, NULL, aside_main, aside);
	if (ret < 0)
		ev_async_stop(d->loop, &aside->wake);
	return ret;
}
