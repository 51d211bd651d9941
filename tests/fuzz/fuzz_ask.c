/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Questions to registries that answer what is in the input: well-formed messages, nearly
 * well-formed ones and others, over UDP and TCP, while time passes. Whatever comes, each question
 * ends once, in time, with an answer whose records can be read or with an error, and nothing is
 * left over.
 *
 * The input is a list of steps: a byte for what is done, one for the length, and then the bytes of
 * a message. Registries have sockets on loopback, which do not block. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/secret.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "locate/ask.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 64, MESSAGE_ROOM = 2048, DEADLINE_MS = 3000, QUESTIONS = 2, TURNS_MAX = 10000 };

/* What a step does. */
enum {
	ANSWER_OVER_UDP, /* with id and question of the last query, and these bytes after it */
	SEND_OVER_UDP,	 /* these bytes */
	ANSWER_OVER_TCP,
	SEND_OVER_TCP,
	CLOSE_TCP,
	WAIT, /* as many milliseconds as the length */
	ASK,
	STEPS,
};

static const uint8_t name[] = "\2db\3lab\5cloud";

static struct {
	int udp, listener, tcp;
	struct sockaddr_storage client; /* of the last query over UDP */
	uint8_t query[2][MESSAGE_ROOM]; /* the last one over UDP, and over TCP */
	size_t nquery[2];
	struct resolve_events events;
	struct locate *locate;
	struct locate_ask *asks[QUESTIONS];
	uint64_t now_ms;
} world;

static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	static struct resolve_answer_record r;
	struct locate_ask **ask = arg;

	(void)now_ms;
	require(*ask != NULL && why != NULL);
	require((answer == NULL) == (error < 0));
	if (answer != NULL)
		require(answer->rcode == DNS_RCODE_NOERROR || answer->rcode == DNS_RCODE_NXDOMAIN);
	while (answer != NULL && resolve_message_next(answer, &r))
		require(dns_rdata_is_laid_out(r.type, r.rdata, r.nbytes));
	locate_ask_free(*ask);
	*ask = NULL;
}

static void begin(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct locate_settings settings = {.config = ""};
	struct base_error error;
	char list[2 * BASE_ADDRESS_TEXT_MAX + 16], at[BASE_ADDRESS_TEXT_MAX];
	socklen_t nbytes = sizeof(a);

	require(base_secret_start() == 0);
	world.udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	require(bind(world.udp, (struct sockaddr *)&a, sizeof(a)) == 0);
	require(getsockname(world.udp, (struct sockaddr *)&a, &nbytes) == 0);
	base_address_to_text(at, (struct sockaddr *)&a);
	a.sin_port = 0;
	world.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	require(bind(world.listener, (struct sockaddr *)&a, sizeof(a)) == 0);
	require(listen(world.listener, 8) == 0);
	require(getsockname(world.listener, (struct sockaddr *)&a, &nbytes) == 0);
	strcpy(list, at);
	strcat(list, " tcp://");
	strcat(list, base_address_to_text(at, (struct sockaddr *)&a));
	world.tcp = -1;
	world.nquery[0] = world.nquery[1] = 0;
	world.now_ms = 1000;
	require(resolve_events_init(&world.events) == 0);
	settings.registry = list;
	require(locate_new(&world.locate, &world.events, &settings, &error) == 0);
}

static void end(void)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		locate_ask_free(world.asks[i]);
		world.asks[i] = NULL;
	}
	locate_free(world.locate);
	require(resolve_events_deadline(&world.events) == UINT64_MAX);
	resolve_events_fini(&world.events);
	if (world.tcp >= 0)
		close(world.tcp);
	close(world.udp);
	close(world.listener);
}

/* Takes the queries that have come. */
static void queries_take(void)
{
	uint8_t msg[MESSAGE_ROOM];
	socklen_t nbytes = sizeof(world.client);
	ssize_t n;

	while ((n = recvfrom(world.udp, msg, sizeof(msg), 0, (struct sockaddr *)&world.client,
			     &nbytes)) > 0) {
		require(n >= DNS_HEADER_SIZE);
		memcpy(world.query[0], msg, (size_t)n);
		world.nquery[0] = (size_t)n;
	}
	if (world.tcp < 0)
		world.tcp = accept4(world.listener, NULL, NULL, SOCK_NONBLOCK);
	while (world.tcp >= 0 && recv(world.tcp, msg, 2, 0) == 2 &&
	       (n = recv(world.tcp, msg, base_load16(msg), 0)) > 0) {
		memcpy(world.query[1], msg, (size_t)n);
		world.nquery[1] = (size_t)n;
	}
}

/* Lets the client do what it can. */
static void turn(void)
{
	for (unsigned i = 0; i < 4; i++) {
		resolve_events_run(&world.events, world.now_ms);
		queries_take();
	}
}

/* Makes an answer to the last query of these bytes: flags and counts are the input's. */
static size_t answer_make(uint8_t *out, bool is_tcp, const uint8_t *bytes, size_t nbytes)
{
	size_t nquestion = DNS_HEADER_SIZE + sizeof(name) + 4;
	size_t nheader = nbytes < 9 ? nbytes : 9;

	if (world.nquery[is_tcp] < nquestion)
		return 0;
	memcpy(out, world.query[is_tcp], nquestion);
	memset(out + 2, 0, 10);
	out[5] = 1;
	for (size_t i = 0; i < nheader; i++)
		out[i < 2 ? 2 + i : 4 + i] = bytes[i]; /* not the number of questions */
	out[2] |= 0x80;
	memcpy(out + nquestion, bytes + nheader, nbytes - nheader);
	return nquestion + nbytes - nheader;
}

static void tcp_send(const uint8_t *msg, size_t nbytes)
{
	uint8_t framed[2 + MESSAGE_ROOM];

	if (world.tcp < 0)
		return;
	base_store16(framed, (uint16_t)nbytes);
	memcpy(framed + 2, msg, nbytes);
	send(world.tcp, framed, 2 + nbytes, MSG_NOSIGNAL);
}

static void step(uint8_t what, const uint8_t *bytes, size_t nbytes)
{
	const struct sockaddr *to = (const struct sockaddr *)&world.client;
	uint8_t msg[MESSAGE_ROOM];
	size_t n;

	switch (what % STEPS) {
	case ANSWER_OVER_UDP:
	case ANSWER_OVER_TCP:
		n = answer_make(msg, what % STEPS == ANSWER_OVER_TCP, bytes, nbytes);
		if (n > 0 && what % STEPS == ANSWER_OVER_TCP)
			tcp_send(msg, n);
		else if (n > 0)
			sendto(world.udp, msg, n, 0, to, base_address_nbytes(to));
		break;
	case SEND_OVER_UDP:
		if (world.nquery[0] > 0)
			sendto(world.udp, bytes, nbytes, 0, to, base_address_nbytes(to));
		break;
	case SEND_OVER_TCP:
		if (world.tcp >= 0)
			send(world.tcp, bytes, nbytes, MSG_NOSIGNAL);
		break;
	case CLOSE_TCP:
		if (world.tcp >= 0)
			close(world.tcp);
		world.tcp = -1;
		break;
	case WAIT:
		world.now_ms += nbytes * 4;
		break;
	case ASK:
		for (unsigned i = 0; i < QUESTIONS; i++)
			if (world.asks[i] == NULL)
				require(locate_ask_new(&world.asks[i], world.locate, name,
						       DNS_TYPE_A, world.now_ms + DEADLINE_MS,
						       on_answer, &world.asks[i]) == 0);
		break;
	}
	turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf b = base_buf_over(data, size);

	begin();
	step(ASK, NULL, 0);
	for (unsigned i = 0; i < STEPS_MAX && base_buf_left(&b) >= 2; i++) {
		uint8_t what = base_buf_u8(&b);
		size_t nbytes = base_buf_u8(&b);

		if (nbytes > base_buf_left(&b))
			nbytes = base_buf_left(&b);
		step(what, base_buf_take(&b, nbytes), nbytes);
	}
	/* Without any further answer every question ends at its time. */
	world.now_ms += DEADLINE_MS;
	for (unsigned i = 0; i < TURNS_MAX && (world.asks[0] != NULL || world.asks[1] != NULL); i++)
		turn();
	require(world.asks[0] == NULL && world.asks[1] == NULL);
	end();
	return 0;
}
