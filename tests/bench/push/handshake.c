/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Handshakes in a closed loop: each session that is ready, with its Keepalive answered, is closed,
 * and the next is opened. Resumed handshakes use the ticket of a first session. */

#include <stdio.h>

#include "push.h"

enum { PATIENCE_US = 5000000 };

/* Opens one session and takes its ticket, which comes with what the server sends first. */
static int ticket_take(struct sessions *all)
{
	struct stream *s = &all->all[0].stream;
	uint64_t end_us = load_now_us() + PATIENCE_US;
	unsigned n = all->n;

	all->n = 1;
	sessions_open(all, PATIENCE_US / 1e6);
	all->n = n;
	while (s->ssl != NULL && load_now_us() < end_us) {
		all->target.resumed = SSL_get1_session(s->ssl);
		if (SSL_SESSION_is_resumable(all->target.resumed))
			return 0;
		SSL_SESSION_free(all->target.resumed);
		all->target.resumed = NULL;
		sessions_turn(all, 10);
	}
	fputs("the server gives no ticket\n", stderr);
	return -1;
}

static void ready_close(struct sessions *all)
{
	for (unsigned i = 0; i < all->next; i++) {
		struct session *s = &all->all[i];

		if (s->state != SESSION_READY)
			continue;
		/* OpenSSL forgets a session whose connection was not shut down. */
		if (s->stream.ssl != NULL)
			SSL_set_shutdown(s->stream.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		stream_close(&s->stream);
		s->state = SESSION_CLOSED;
		all->nready--;
	}
}

int push_handshake(const struct push_options *o)
{
	struct sessions all = {0};
	uint64_t start_us, done = 0;
	double seconds;

	if (push_sessions(&all, o) < 0 || (o->is_resumed && ticket_take(&all) < 0))
		return 1;
	ready_close(&all);
	all.resumed = 0;
	push_tell("begin");
	start_us = load_now_us();
	do {
		unsigned failed = all.nfailed;

		/* The sessions of one round are all opened before the first is opened again. */
		all.next = 0;
		sessions_open(&all, o->limit_s);
		done += all.n - (all.nfailed - failed);
		ready_close(&all);
		seconds = (double)(load_now_us() - start_us) / 1e6;
	} while (seconds < o->seconds);
	printf("{\"handshakes\": %llu, \"resumed\": %llu, \"failed\": %u, \"seconds\": %.3f, "
	       "\"handshakes-per-s\": %.0f}\n",
	       (unsigned long long)done, (unsigned long long)all.resumed, all.nfailed, seconds,
	       (double)done / seconds);
	sessions_fini(&all);
	stream_target_fini(&all.target);
	return done == 0;
}
