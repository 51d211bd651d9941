/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/tls_priv.h - TLS, shared by the files about it: tls.c has sessions, tls_context.c what
 * sessions share, tls_peer.c decides whether a certificate is trusted, tls_ticket.c has the keys of
 * tickets, tls_socket.c is OpenSSL's view of the descriptor. Room-private. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <openssl/ssl.h>

#include "fabric/cert_priv.h"
#include "fabric/tls.h"

/* A fabric whose certificates are trusted: what of it is public. */
struct fabric_tls_fabric {
	uint8_t keys[DNS_NAME_MAX]; /* its keys are below this name; the root for clients */
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
};

struct fabric_tls_context {
	/* never changes */
	SSL_CTX *ssl;
	bool is_server;
	bool has_store;		     /* authorities from a file, or of the system, are trusted */
	enum fabric_tls_trust trust; /* of a client */
	struct fabric_tls_tickets *tickets;
	struct fabric_cert *certs; /* of a server */
	size_t ncerts;
	struct fabric_tls_fabric *fabrics;
	size_t nfabrics;

	/* any thread, atomic */
	atomic_uint nusers;

	/* under `lock` */
	pthread_mutex_t lock;
	bool is_system_due; /* the system's authorities are to be read for the first session */
};

enum {
	FABRIC_TLS_HELLO_HEAD = 9, /* bytes: the headers of the record and of the message in it */
	FABRIC_TLS_HELLO_MAX = 16384, /* bytes of the first message */
};

struct fabric_tls {
	SSL *ssl;
	struct fabric_tls_context *context;
	int fd;

	/* what the socket has not taken */
	uint8_t *unsent; /* NULL while there is nothing */
	size_t nunsent, unsent_size;

	uint8_t *key;			      /* name of the client's key, or NULL */
	uint64_t until_s;		      /* when its certificate ends */
	char *name;			      /* of the server that a client wants, or NULL */
	uint64_t ndata;			      /* bytes of data read and written */
	uint32_t nother;		      /* records after the handshake that were not data */
	uint8_t hello[FABRIC_TLS_HELLO_HEAD]; /* the first bytes from the peer */
	uint8_t nhello;
	uint8_t nreceives; /* that the running call still may do */
	bool is_done;	   /* the handshake */
	bool is_eof;	   /* the socket has ended */
	bool is_full;	   /* the last read returned as much as was asked for */
	bool is_fresh;	   /* nothing has been read since the handshake */
	bool is_abuse;
	int8_t result; /* END or FAILED, once it is so; else 0 */
	uint8_t failure;
	uint64_t code; /* of OpenSSL */
};

/* ---- tls_context.c ---- */

/* Reads the system's authorities, if sessions of the context need them and none had them read. They
 * are some hundreds, and take longer than anything else here: a client that never gets to use TLS
 * does not read them. */
void fabric_tls_context_complete(struct fabric_tls_context *c);

/* ---- tls_socket.c ---- */

/* Returns a BIO over the session's descriptor; NULL if memory is short. Writing to it always takes
 * everything: what the socket does not take is kept in the session. */
BIO *fabric_tls_socket_new(struct fabric_tls *t);

/* ---- tls_peer.c ---- */

/* Has the context's sessions verify the peer's certificate by what the context trusts. */
void fabric_tls_peer_verify(struct fabric_tls_context *c);

/* Finds the key's name in the client's certificate, when the handshake is done. Returns false if
 * memory is short. */
bool fabric_tls_peer_name(struct fabric_tls *t);

/* Returns whether the name of a server is an IP address. */
bool fabric_tls_is_address(const char *name);

/* ---- tls_ticket.c ---- */

/* Has the context seal and open tickets with its keys. */
void fabric_tls_ticket_use(struct fabric_tls_context *c);
