/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/stream_priv.h - the stream connections of a worker, shared by the files about them.
 *
 * Each file uses only those after it: tcp.c accepts connections and is called by the loop;
 * handshake.c has those over TLS until they can be served; slice.c decides which connection is
 * served when, and for how long; pool.c has all connections of the worker and decides how long each
 * may stay; connection.c answers the messages of one connection; push.c and the files that it names
 * have the subscriptions; dso.c has the sessions; transfer.c decides which transfers run; turn.c
 * has what time the connections have used; send.c sends, over TLS by tls.c. None of them but push.c
 * knows zones. All of it but handshake.c belongs to one worker. A connection gets its peer,
 * with the transport, from the listening socket, and its bytes pass through two functions only:
 * `receive` in connection.c and `send_some` in send.c, which over TLS call tls.c. Framing, limits,
 * timeouts, updates and transfers do not depend on what is below these two. */
#pragma once

#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ev.h>

#include "base/buf.h"
#include "fabric/tls.h"
#include "server/query.h"
#include "server/worker.h"
#include "stream/clients.h"
#include "stream/dso.h"
#include "stream/push.h"

struct push_message;
struct server_transfer;
struct server_worker;

/* What a connection waits for, and so which timeout it has. */
enum stream_state {
	STREAM_NEW,	   /* not in any list yet */
	STREAM_IDLE,	   /* for the next request: idle timeout */
	STREAM_STUCK,	   /* for the peer to send the rest of a request or take an answer: I/O
				  timeout */
	STREAM_SESSION,	   /* for messages of an established DSO session: its own timers */
	STREAM_BUSY,	   /* for us: updates or transfers are under way, no timeout */
	STREAM_STUCK_BUSY, /* for the peer, as STUCK, with updates or transfers under way: I/O
				  timeout, but never evicted */
	STREAM_STATES,
};

/* Bytes that the socket has not taken yet: the connection's own, or messages that it shares. */
struct stream_chunk {
	struct stream_chunk *next;
	struct push_message **shared; /* in `bytes`; NULL: own bytes are there */
	unsigned first, count, room;  /* of `shared`: first not sent, after the last, capacity */
	struct base_out out;	      /* over own bytes */
	size_t nsent;		      /* of own bytes, or of the first shared message */
	uint8_t bytes[];
};

struct stream_connection {
	struct ev_io io;
	struct server_worker *worker;
	struct stream_client *client;
	const struct server_channel *channel; /* of the listening socket */
	struct fabric_tls *tls;		      /* NULL: the bytes go over TCP as they are */
	struct dns_tsig_key *identity;	      /* of the client's certificate, for `peer`; or NULL */
	struct server_peer peer;	      /* with a pointer to `address` */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;

	struct stream_session *session; /* NULL until a DSO request has come */
	struct stream_share *share;	/* of `client`, in this worker */
	TAILQ_ENTRY(stream_connection)
	by_state, by_client, by_unsent, by_ready, by_waiting, by_transfer;
	uint64_t since_ms; /* when bytes last got through, or the state changed; steady clock */
	enum stream_state state;
	bool is_moving;	      /* bytes got through in this turn */
	bool is_ended;	      /* no more requests will be read */
	bool has_failed;      /* to be closed: the socket failed, or memory was short */
	bool is_aborted;      /* to be closed with RST */
	bool is_counted;      /* in share->nconnections: not as an established session */
	bool is_closed;	      /* freed with the answer to its last update */
	bool is_unsent;	      /* in stream.unsent */
	bool is_ready;	      /* in share->ready */
	bool is_waiting;      /* in share->waiting, for its first transfer to begin */
	bool is_transferring; /* in stream.transferring: its first transfer has begun */
	int events;	      /* that the loop has reported, while `is_ready` */

	/* requests: whole ones that cannot be answered yet, and one that is incomplete */
	uint8_t *rest;
	size_t nrest, rest_size; /* bytes in `rest`, and its capacity */

	/* answers that the socket has not taken yet */
	struct stream_chunk *first, *last;
	size_t nunsent; /* bytes in all chunks */
	uint64_t nsent; /* bytes that the channel has taken so far */

	/* under way */
	unsigned nupdates;    /* in the hands of the registrar */
	size_t update_nbytes; /* of their messages */
	unsigned ntransfers;
	STAILQ_HEAD(, server_transfer) transfers; /* only the first one runs */
	uint64_t asked_ms;  /* since when the first transfer waits; steady clock */
	uint64_t window_ms; /* since when the least rate of the transfer is measured */
	size_t window_sent; /* bytes that the socket has taken since */
};

enum {
	STREAM_IN = 16384,	 /* bytes read at once: some hundred queries */
	STREAM_SLICE = 64 << 10, /* bytes written in a slice, but for the last message */
	STREAM_OUT = 132 << 10,	 /* a slice, and one message of any length */
	STREAM_BATCH = 32,	 /* queries whose look-ups overlap */
	STREAM_COUNTS = 96,	 /* lists of clients by their number of connections */
};

/* The state of the channel in a worker. */
struct stream {
	struct server_worker *worker;
	struct stream_list lists[STREAM_STATES]; /* the idlest connection first */
	struct stream_sessions sessions;	 /* established ones, the oldest first */
	struct stream_walks walks;		 /* over them */
	unsigned ncrowd; /* sessions that there were when all had to do something */
	const struct stream_operations *operations; /* on sessions */
	struct stream_push *push;		    /* NULL: nobody has subscribed yet */
	void (*on_session_timer)(struct ev_loop *loop, struct ev_timer *timer, int events);
	struct stream_list unsent;	 /* connections with answers to updates to be flushed */
	struct stream_list transferring; /* connections with a transfer that runs */
	struct stream_shares ready;	 /* clients whose connections wait for time */
	struct stream_shares waiting;	 /* clients whose connections wait for a transfer */
	struct stream_shares counts[STREAM_COUNTS]; /* stream_pool_evict */
	unsigned nconnections;
	unsigned ntransferring, nwaiting;

	/* turn.c */
	uint64_t slice_us;     /* when the slice began; exact steady clock */
	uint64_t looked_us;    /* when other transports were last served */
	uint64_t spent_us;     /* by slices since the loop last asked the kernel for events */
	unsigned nsteps;       /* of the slice, since the clock was last read */
	size_t nwritten;       /* bytes in `out` then */
	struct ev_prepare run; /* serves `ready`, before the loop asks for events */
	struct ev_idle busy;   /* active while `run` has left work: the loop must not wait */
	struct ev_timer tick;  /* stream_transfer_tick, while there are transfers */

	uint64_t edition;	/* of the last stream_pool_set_rules */
	struct ev_timer timer;	/* for the earliest timeout */
	uint64_t due_ms;	/* when `timer` goes off, if it is active */
	struct ev_timer resume; /* accepts again after descriptors were short */
	uint64_t logged_ms;	/* when the shortage was last logged; 0: never */
	bool is_draining;
	uint64_t drained_ms; /* when connections that are still open are closed */

	/* used within a turn only */
	struct base_out out; /* over `out_bytes`: answers gathered for one connection */
	struct stream_connection *gathering; /* for which, while its requests are answered */
	struct server_query query[STREAM_BATCH];
	size_t start[STREAM_BATCH]; /* where the frame of each query starts in what is read */
	uint8_t in_bytes[STREAM_IN];
	uint8_t out_bytes[STREAM_OUT];
};

/* ---- pool.c ---- */

/* Prepares the lists and the timer of a worker's connections. */
void stream_pool_init(struct stream *st);

/* Enforces the limits for a new connection, evicting an idle one if needed. `of_client` and
 * `in_all` are the numbers of connections with the new one. Returns false if it must be refused. */
bool stream_pool_admit(struct stream *st, const struct stream_client *client, unsigned of_client,
		       unsigned in_all);

/* Closes a connection of the client that has most connections to this worker, that which has been
 * idle for the longest time. Returns false if no connection may be closed. */
bool stream_pool_evict(struct stream *st);

/* Adds a connection, which the pool owns from now on. `client` has counted it. */
void stream_pool_add(struct stream_connection *c, struct stream_client *client);

/* Closes the connection if it is done or has failed; otherwise sets what it waits for, and until
 * when. To be called at the end of whatever was done with a connection, which may then be gone. */
void stream_pool_rearm(struct stream_connection *c);

/* Closes all connections. */
void stream_pool_close(struct stream *st);

/* Implements server_channel.rules_changed: transfers go on by the new rules; connections with a
 * transfer of a zone that is not served any more are closed. */
void stream_pool_set_rules(struct server_worker *w);

/* Implements server_channel.drain. */
void stream_pool_drain(struct server_worker *w);

/* ---- slice.c ---- */

/* Has the worker serve the connections: prepares the watchers. */
void stream_slice_init(struct stream *st);

/* Stops the watchers. */
void stream_slice_fini(struct stream *st);

/* Serves the connection after `events` of its socket: now, or when it is its client's turn. */
void stream_slice_event(struct stream_connection *c, int events);

/* ---- turn.c ---- */

/* Begins a slice: of a connection, or of other work of this transport. */
void stream_turn_begin(struct stream *st);

/* Has the connection's client pay for the slice so far. */
void stream_turn_charge(struct stream_connection *c);

/* Ends a slice. Other transports are served if they have not been for too long; a new turn of the
 * worker may have begun then, so nothing of the last one may be held. */
void stream_turn_end(struct stream *st);

/* Returns whether the slice may go on: it has neither written STREAM_SLICE bytes nor taken too
 * long. To be asked between two steps, which are short; reads the clock only once in a while. */
bool stream_turn_may_go_on(struct stream *st);

/* Has the clock read before the next step: this one was not short. */
static inline void stream_turn_was_long(struct stream *st)
{
	st->nsteps = UINT_MAX - 1;
}

/* Has the connection served when it is its client's turn. Nothing is done if it waits already. */
void stream_turn_add(struct stream_connection *c);

/* Undoes stream_turn_add. Nothing is done if the connection does not wait. */
void stream_turn_remove(struct stream_connection *c);

/* Returns the connection whose turn it is, removed; NULL if none waits. Clients take turns by the
 * time that they have used. */
struct stream_connection *stream_turn_next(struct stream *st);

/* ---- transfer.c ---- */

/* Queues a transfer. Returns the RCODE to answer with, NOERROR if the transfer is the answer. */
uint16_t stream_transfer_put(struct stream_connection *c, const struct server_query *q);

/* Writes messages of the connection's first transfer, as many as the slice permits. If it may not
 * begin yet the connection waits. */
void stream_transfer_slice(struct stream_connection *c);

/* Frees all transfers of the connection. */
void stream_transfer_clear(struct stream_connection *c);

/* Marks as failed the connections whose transfer is too slow or holds an old version for too long,
 * and answers those that have waited for too long. The caller has to rearm each: this is called
 * with each in turn. */
void stream_transfer_tick(struct stream *st, void (*rearm)(struct stream_connection *c));

/* ---- connection.c ---- */

/* Answers requests that have come and sends answers that wait, as far as `events`, EV_READ and
 * EV_WRITE, and the slice permit. */
void stream_connection_serve(struct stream_connection *c, int events);

/* Returns the events of the socket that the connection waits for: EV_READ, EV_WRITE, both or 0. */
int stream_connection_events(const struct stream_connection *c);

/* Returns whether the connection has something to do that needs no event. */
bool stream_connection_is_ready(const struct stream_connection *c);

/* Returns whether the connection waits for the peer to complete a request or to take an answer. */
bool stream_connection_is_stuck(const struct stream_connection *c);

/* Returns whether something is left to be answered or sent, even if no more requests come. */
bool stream_connection_is_pending(const struct stream_connection *c);

/* Frees requests, answers and transfers. */
void stream_connection_clear(struct stream_connection *c);

/* ---- send.c ---- */

/* Frames a message of `length` bytes, which has been written to the worker's buffer two bytes after
 * its end, and counts it as a response (RFC 1035 section 4.2.2). */
void stream_send_frame(struct stream_connection *c, size_t length);

/* Sends the contents of the worker's buffer, and empties it. What the socket does not take is
 * copied to the connection; if memory is short for that, the connection has failed. */
void stream_send_gathered(struct stream_connection *c);

/* Copies bytes to the connection, to be sent by the next flush. If memory is short the connection
 * has failed. */
void stream_send_later(struct stream_connection *c, const uint8_t *bytes, size_t nbytes);

/* Frames and sends a message of DNS Stateful Operations, after all that was written to the
 * connection before: with the answers that are gathered for it, else by the next flush. */
void stream_send_message(struct stream_connection *c, const uint8_t *msg, size_t nbytes);

/* Likewise for a message that other connections share, of which the connection becomes a user until
 * the socket has taken it. */
void stream_send_shared(struct stream_connection *c, struct push_message *m);

/* Likewise, but at once, unless something waits that must be sent before it. */
void stream_send_shared_now(struct stream_connection *c, struct push_message *m);

/* Drops all shared messages of which no byte has been sent. */
void stream_send_drop_shared(struct stream_connection *c);

/* Sends what has been copied to the connection, as far as the socket takes it, at most some
 * STREAM_SLICE bytes. */
void stream_send_flush(struct stream_connection *c);

/* Returns whether the socket has not taken everything yet that was sent or copied. */
static inline bool stream_send_is_blocked(const struct stream_connection *c)
{
	return c->nunsent > 0 || (c->tls != NULL && fabric_tls_nunsent(c->tls) > 0);
}

/* Frees what has been copied to the connection. */
void stream_send_clear(struct stream_connection *c);
