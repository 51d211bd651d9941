/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>

enum { SOURCES_NET = 0x7f0a0000 /* 127.10.0.0 */, SOURCES_ROW = 250 };

uint64_t stream_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void stream_stamp(int fd)
{
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
}

ssize_t stream_receive(int fd, void *out, size_t room, uint64_t *received_us)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = {out, room};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct timespec ts;

	if (n <= 0)
		return n;
	*received_us = stream_wall_us();
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			*received_us = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
		}
	return n;
}

/* ---- the socket below TLS: OpenSSL's own would not report the time ---- */

static int bio_read(BIO *b, char *out, int room)
{
	struct stream *s = BIO_get_data(b);
	ssize_t n = stream_receive(s->fd, out, (size_t)room, &s->received_us);

	BIO_clear_retry_flags(b);
	if (n < 0 && errno == EAGAIN)
		BIO_set_retry_read(b);
	return (int)n;
}

static int bio_write(BIO *b, const char *data, int nbytes)
{
	struct stream *s = BIO_get_data(b);
	ssize_t n = send(s->fd, data, (size_t)nbytes, MSG_NOSIGNAL);

	BIO_clear_retry_flags(b);
	if (n < 0 && errno == EAGAIN)
		BIO_set_retry_write(b);
	return (int)n;
}

static long bio_control(BIO *b, int command, long number, void *pointer)
{
	(void)b;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static BIO *bio_new(struct stream *s)
{
	static BIO_METHOD *method;
	BIO *b;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_ctrl(method, bio_control);
	}
	b = BIO_new(method);
	BIO_set_data(b, s);
	BIO_set_init(b, 1);
	return b;
}

/* ---- targets ---- */

int stream_target_init(struct stream_target *t, const char *address, const char *port, bool is_tls)
{
	static const uint8_t dot[] = {3, 'd', 'o', 't'};

	*t = (struct stream_target){.nsources = 1};
	t->address = (struct sockaddr_in){.sin_family = AF_INET,
					  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	if (inet_pton(AF_INET, address, &t->address.sin_addr) != 1) {
		fprintf(stderr, "%s is not an IPv4 address\n", address);
		return -1;
	}
	if (!is_tls)
		return 0;
	t->tls = SSL_CTX_new(TLS_client_method());
	if (t->tls == NULL) {
		ERR_print_errors_fp(stderr);
		return -1;
	}
	/* The server's certificate is not what is measured. */
	SSL_CTX_set_verify(t->tls, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_read_ahead(t->tls, 1);
	SSL_CTX_set_alpn_protos(t->tls, dot, sizeof(dot));
	SSL_CTX_set_mode(t->tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return 0;
}

void stream_target_fini(struct stream_target *t)
{
	SSL_SESSION_free(t->resumed);
	SSL_CTX_free(t->tls);
}

/* ---- streams ---- */

static int socket_open(const struct stream_target *t, unsigned i)
{
	unsigned source = t->first_source + i % t->nsources;
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr =
					   htonl(SOURCES_NET + (source / SOURCES_ROW << 8) + 1 +
						 source % SOURCES_ROW)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
	if (t->receive_buffer > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &t->receive_buffer, sizeof(int));
	stream_stamp(fd);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 &&
	    (connect(fd, (const struct sockaddr *)&t->address, sizeof(t->address)) == 0 ||
	     errno == EINPROGRESS))
		return fd;
	close(fd);
	return -1;
}

int stream_open(struct stream *s, const struct stream_target *t, unsigned i)
{
	BIO *b;

	*s = (struct stream){.fd = socket_open(t, i)};
	if (s->fd < 0 || t->tls == NULL)
		return s->fd < 0 ? -1 : 0;
	s->ssl = SSL_new(t->tls);
	if (s->ssl == NULL) {
		stream_close(s);
		return -1;
	}
	b = bio_new(s);
	SSL_set_bio(s->ssl, b, b);
	if (t->resumed != NULL)
		SSL_set_session(s->ssl, t->resumed);
	SSL_set_connect_state(s->ssl);
	return 0;
}

/* What a call of OpenSSL that returned `n` means. */
static enum stream_result tls_result(struct stream *s, int n)
{
	int error = SSL_get_error(s->ssl, n);

	s->wants_write = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return STREAM_AGAIN;
	ERR_clear_error();
	return STREAM_FAILED;
}

enum stream_result stream_connect(struct stream *s)
{
	struct sockaddr_in peer;
	int error = 0, n;

	if (getpeername(s->fd, (struct sockaddr *)&peer, &(socklen_t){sizeof(peer)}) != 0) {
		getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof(error)});
		s->wants_write = error == 0;
		return error == 0 ? STREAM_AGAIN : STREAM_FAILED;
	}
	s->wants_write = false;
	if (s->ssl == NULL)
		return STREAM_DONE;
	n = SSL_do_handshake(s->ssl);
	return n == 1 ? STREAM_DONE : tls_result(s, n);
}

/* Returns as stream_read and stream_write do. */
static ssize_t counted(struct stream *s, ssize_t n)
{
	if (n > 0)
		return n;
	if (s->ssl != NULL)
		return tls_result(s, (int)n) == STREAM_AGAIN ? 0 : -1;
	return n < 0 && errno == EAGAIN ? 0 : -1;
}

ssize_t stream_read(struct stream *s, uint8_t *out, size_t room)
{
	return counted(s, s->ssl != NULL ? SSL_read(s->ssl, out, (int)room)
					 : stream_receive(s->fd, out, room, &s->received_us));
}

ssize_t stream_write(struct stream *s, const uint8_t *data, size_t nbytes)
{
	return counted(s, s->ssl != NULL ? SSL_write(s->ssl, data, (int)nbytes)
					 : send(s->fd, data, nbytes, MSG_NOSIGNAL));
}

bool stream_write_all(struct stream *s, const uint8_t *data, size_t nbytes)
{
	while (nbytes > 0) {
		ssize_t n = stream_write(s, data, nbytes);

		if (n <= 0)
			return false;
		data += n;
		nbytes -= (size_t)n;
	}
	return true;
}

void stream_close(struct stream *s)
{
	struct linger reset = {.l_onoff = 1};

	SSL_free(s->ssl);
	s->ssl = NULL;
	if (s->fd < 0)
		return;
	setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(s->fd);
	s->fd = -1;
}
