/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream.h - a connection to weftd, with or without TLS, that never blocks.
 *
 * It knows when the kernel received what is read: how long this program then took to read it does
 * not count as the server's time. It knows no DNS. One thread. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

/* Where streams go, and what they have in common. */
struct stream_target {
	struct sockaddr_in address;
	SSL_CTX *tls;	      /* NULL: plain TCP */
	SSL_SESSION *resumed; /* NULL: full handshakes */
	unsigned nsources;    /* loopback addresses to connect from, after the first few: */
	unsigned first_source;
	int receive_buffer; /* octets; 0: what the kernel chooses */
};

struct stream {
	int fd; /* -1: closed */
	SSL *ssl;
	uint64_t received_us; /* wall clock: when the kernel received what was read last */
	bool wants_write;     /* before it can read or write on, TLS must write */
};

enum stream_result { STREAM_DONE, STREAM_AGAIN, STREAM_FAILED };

/* Makes a target of the address, IPv4 in text, and a port. Returns 0, or -1 after a message. */
int stream_target_init(struct stream_target *t, const char *address, const char *port, bool is_tls);
void stream_target_fini(struct stream_target *t);

/* Begins to connect stream number `i`, from one of the source addresses. Returns 0, or -1 with
 * errno. */
int stream_open(struct stream *s, const struct stream_target *t, unsigned i);

/* Continues connection and handshake. */
enum stream_result stream_connect(struct stream *s);

/* Reads. Returns the number of octets, 0 if none have come, -1 if the stream has ended. */
ssize_t stream_read(struct stream *s, uint8_t *out, size_t room);

/* Writes. Returns the number of octets that were taken, 0 if none, -1 if the stream has ended. */
ssize_t stream_write(struct stream *s, const uint8_t *data, size_t nbytes);

/* Writes all octets; returns false if that is not possible at once. */
bool stream_write_all(struct stream *s, const uint8_t *data, size_t nbytes);

/* Closes with a reset, so that no port waits for the end of its connection. */
void stream_close(struct stream *s);

/* Reads the wall clock in microseconds. */
uint64_t stream_wall_us(void);

/* Receives into `out`; `received_us` becomes the kernel's time of it. Returns as recv() does. */
ssize_t stream_receive(int fd, void *out, size_t room, uint64_t *received_us);

/* Asks the kernel for such times. */
void stream_stamp(int fd);
