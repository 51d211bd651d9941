/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/tls.h - TLS for DNS (RFC 7858, RFC 8310), server and client side, on a connected socket.
 *
 * A context has what many sessions share: the certificate, and which peers are trusted. It never
 * changes; a server that gets a new certificate makes a new context for later sessions, and the old
 * one lives as long as its sessions. A session is TLS on one descriptor, which stays the caller's.
 * Nothing here waits: a function that cannot go on returns what it waits for, and the caller, who
 * has the loop, calls again then. Does not know DNS.
 *
 * TLS 1.3, and 1.2 if it is allowed, with ALPN `dot`; no compression, no renegotiation, no early
 * data. The alert that ends a session and the end of the connection are the same here: DNS messages
 * have a length, so none can be cut unnoticed.
 *
 * Contexts and tickets: any thread. A session: one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "fabric/cert.h"
#include "fabric/ring.h"

struct fabric_tls;
struct fabric_tls_context;
struct fabric_tls_tickets;

/* Results of the functions of a session that are less than 0. */
enum {
	FABRIC_TLS_WANTS_READ = -1,  /* call again when the descriptor is readable */
	FABRIC_TLS_WANTS_WRITE = -2, /* call again when it is writable */
	FABRIC_TLS_END = -3,	     /* the peer has ended the session; there is nothing more */
	FABRIC_TLS_FAILED = -4,	     /* by socket, protocol or memory: free the session */
};

/* Why a session failed, for counters. */
enum fabric_tls_failure {
	FABRIC_TLS_CLOSED,	/* the peer or the network has broken the connection */
	FABRIC_TLS_PROTOCOL,	/* not TLS, or nothing that both sides can speak */
	FABRIC_TLS_ALPN,	/* the peer speaks other protocols over TLS than `dot` */
	FABRIC_TLS_CERTIFICATE, /* the peer's certificate is missing or not valid */
	FABRIC_TLS_ALERT,	/* the peer gave up, as when it does not trust our certificate */
	FABRIC_TLS_ABUSE,	/* records without data, beyond any use */
	FABRIC_TLS_FAILURES,
};

/* ---- servers ---- */

/* Which clients need a certificate. */
enum fabric_tls_clients {
	FABRIC_TLS_CLIENTS_NO,	     /* none is asked for */
	FABRIC_TLS_CLIENTS_OPTIONAL, /* one that is presented must be valid */
	FABRIC_TLS_CLIENTS_REQUIRED,
};

struct fabric_tls_server {
	struct fabric_cert *const *certs; /* the first of which the name is what the client wants to
					     talk to (SNI) is used, else the first. Borrowed until
					     fabric_tls_server_new returns */
	size_t ncerts;
	bool has_tls12;
	enum fabric_tls_clients clients;
	const struct fabric_cert *client_ca; /* who may sign the clients' certificates; NULL: the
						fabrics of `ring`. Borrowed likewise */
	const struct fabric_ring *ring; /* fabrics whose clients have the name of a key; NULL: none.
					   Names and public keys are copied */
	struct fabric_tls_tickets *tickets; /* for resumption; NULL: none. Borrowed until the last
					       context and session with it is freed */
};

/* Makes the keys that session tickets are sealed with. They should outlive contexts, so that a
 * reload does not end resumption. Returns NULL if memory is short. */
struct fabric_tls_tickets *fabric_tls_tickets_new(void);

/* Wipes and frees the keys; NULL is fine. */
void fabric_tls_tickets_free(struct fabric_tls_tickets *t);

enum { FABRIC_TLS_TICKET_S = 3600 }; /* seconds after which a ticket is not taken any more */

/* Seals later tickets with a new key; to be called each FABRIC_TLS_TICKET_S. Tickets of the last
 * key are still taken, those of keys before it are not. */
void fabric_tls_tickets_rotate(struct fabric_tls_tickets *t);

/* Makes a context for servers. Returns 0 with a context for fabric_tls_context_release, or a
 * negative errno described in `error`: the location is the file that is at fault. */
int fabric_tls_server_new(struct fabric_tls_context **out, const struct fabric_tls_server *settings,
			  struct base_error *error);

/* ---- clients ---- */

/* Which server is trusted (RFC 8310 section 5). */
enum fabric_tls_trust {
	FABRIC_TLS_TRUST_ANY,	 /* any: opportunistic privacy */
	FABRIC_TLS_TRUST_CA,	 /* whose certificate is signed by an authority, and has the name */
	FABRIC_TLS_TRUST_FABRIC, /* whose certificate is signed by a fabric, and has the name */
};

struct fabric_tls_client {
	enum fabric_tls_trust trust;
	const char *ca_file;	   /* of authorities, PEM; NULL: the system's, read when the
				      first session begins */
	const uint8_t *public_key; /* of the fabric: FABRIC_PUBLIC_SIZE bytes, copied; or the hash
				      that fabric_cert_pin writes of the fabric's certificate */
	struct fabric_cert *cert;  /* to be identified by; NULL: none. Borrowed until
				     fabric_tls_client_new returns */
};

/* Makes a context for clients. Returns what fabric_tls_server_new returns. */
int fabric_tls_client_new(struct fabric_tls_context **out, const struct fabric_tls_client *settings,
			  struct base_error *error);

/* ---- contexts ---- */

/* Gets one more reference to the context, and returns it. */
struct fabric_tls_context *fabric_tls_context_acquire(struct fabric_tls_context *c);

/* Gives a reference back; with the last one, those of sessions included, the context is freed. NULL
 * is fine. */
void fabric_tls_context_release(struct fabric_tls_context *c);

/* ---- sessions ---- */

/* Makes a session on `fd`, a connected stream socket, which need not be non-blocking: it is
 * borrowed until fabric_tls_free. Returns 0 with a session, or -ENOMEM. */
int fabric_tls_accept(struct fabric_tls **out, struct fabric_tls_context *c, int fd);

/* Likewise for a client. `name` (without final dot), unless it is NULL, is sent to the server (SNI)
 * and must be in its certificate if that is verified; an IP address is only compared. */
int fabric_tls_connect(struct fabric_tls **out, struct fabric_tls_context *c, int fd,
		       const char *name);

/* Fails the session: fabric_tls_free sends no alert. For a caller that ends the connection with
 * RST, before which the peer is not to see an orderly end. */
void fabric_tls_abort(struct fabric_tls *t);

/* Ends the session with an alert if it has not failed, as far as the socket takes that, and frees
 * it. The caller closes the descriptor. NULL is fine. */
void fabric_tls_free(struct fabric_tls *t);

/* Goes on with the handshake. Returns 0 when it is done, else what it waits for, or FAILED. */
int fabric_tls_handshake(struct fabric_tls *t);

/* Reads what has come, at most `size` bytes, with at most one receive from the socket. Returns how
 * many, or FABRIC_TLS_WANTS_READ, END or FAILED. */
ssize_t fabric_tls_read(struct fabric_tls *t, void *bytes, size_t size);

/* Returns whether fabric_tls_read has something to return although the descriptor may not be
 * readable. To be asked before waiting for the descriptor. */
bool fabric_tls_has_pending(const struct fabric_tls *t);

/* Takes bytes to be sent. Returns how many, at least 1 if `nbytes` is not 0; or
 * FABRIC_TLS_WANTS_WRITE if none are taken until those taken earlier have been sent; or FAILED.
 * Bytes that are taken may not have been sent yet: see fabric_tls_nunsent. */
ssize_t fabric_tls_write(struct fabric_tls *t, const void *bytes, size_t nbytes);

/* Returns how many bytes, encrypted, the socket has not taken yet: at most those of one record
 * (16 KiB) and a few alerts. While it is not 0, wait for the descriptor to be writable, and call
 * fabric_tls_flush then. */
size_t fabric_tls_nunsent(const struct fabric_tls *t);

/* Sends what the socket has not taken yet. Returns 0 if nothing is left, or
 * FABRIC_TLS_WANTS_WRITE or FAILED. */
int fabric_tls_flush(struct fabric_tls *t);

/* ---- what is known of a session after the handshake ---- */

/* Returns the name of the key (wire form, lower case) that the client's certificate contains, which
 * a fabric of the context's ring has signed; NULL if there is none. The name lives as long as the
 * session. Writes when the certificate ends, in seconds since 1970, to `until_s`. */
const uint8_t *fabric_tls_key(const struct fabric_tls *t, uint64_t *until_s);

/* Returns whether the session goes on from an earlier one. */
bool fabric_tls_is_resumed(const struct fabric_tls *t);

/* Returns whether a server's session, made with an earlier context, would still be admitted by `c`:
 * its client has presented a certificate, or `c` does not require one. Whether that was signed by
 * an authority that `c` has is not asked again. */
bool fabric_tls_is_admitted(const struct fabric_tls *t, const struct fabric_tls_context *c);

/* Returns "TLSv1.3" or "TLSv1.2". */
const char *fabric_tls_version(const struct fabric_tls *t);

/* ---- failures ---- */

/* Returns why the session has failed. */
enum fabric_tls_failure fabric_tls_failure(const struct fabric_tls *t);

/* Returns the failure's name as in metrics: one word. */
const char *fabric_tls_failure_to_text(enum fabric_tls_failure failure);

enum { FABRIC_TLS_EXPLAIN_MAX = 160 }; /* bytes, NUL included */

/* Writes for people why the session has failed. Returns `out`. */
const char *fabric_tls_explain(const struct fabric_tls *t, char out[static FABRIC_TLS_EXPLAIN_MAX]);
