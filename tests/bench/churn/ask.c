/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Queries at full rate, a closed loop: each slot of a socket has one query in flight and sends
 * the next as soon as its answer has come. All queries are made in advance. Sending and
 * receiving is done in batches. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "churn.h"
#include "histogram.h"

enum {
	QUERIES = 1 << 17,
	SLOTS_MAX = 256,
	ANSWER_MAX = 1500,
	WAIT_MS = 100,
	LOST_US = 1000000,
	RCODES = 16,
	RCODE_NXDOMAIN = 3
};

/* Of a hundred queries. */
static const struct {
	unsigned part;
	enum churn_question question;
} mix[] = {{50, CHURN_ASK_SRV}, {10, CHURN_ASK_TYPE_SRV}, {15, CHURN_ASK_NODE},
	   {10, CHURN_ASK_TXT}, {10, CHURN_ASK_PTR},	  {5, CHURN_ASK_NOTHING}};

struct ask {
	struct load *load;
	uint8_t *bytes;
	size_t *at; /* QUERIES + 1 */
	uint32_t next;
	unsigned nslots; /* of a socket */
	uint64_t sent_us[LOAD_SOCKETS][SLOTS_MAX];
	struct histogram took;
	uint64_t answered, lost, rcode[RCODES], truncated;
};

static enum churn_question question_of(unsigned dice)
{
	unsigned i = 0;

	for (; dice >= mix[i].part; i++)
		dice -= mix[i].part;
	return mix[i].question;
}

static int queries_make(struct ask *a)
{
	struct churn_service *services = calloc(a->load->nservices, sizeof(*services));
	uint8_t msg[MESSAGE_MAX];

	a->bytes = malloc((size_t)QUERIES * 128);
	a->at = calloc(QUERIES + 1, sizeof(*a->at));
	if (services == NULL || a->bytes == NULL || a->at == NULL) {
		free(services);
		return -1;
	}
	churn_types(services, a->load->nservices);
	for (uint32_t i = 0; i < QUERIES; i++) {
		const struct churn_service *v = &services[(uint32_t)random() % a->load->nservices];
		size_t n =
			churn_query(&a->load->about, v, question_of((unsigned)random() % 100), msg);

		memcpy(a->bytes + a->at[i], msg, n);
		a->at[i + 1] = a->at[i] + n;
	}
	free(services);
	return 0;
}

/* Sends the next query of each of the slots. The ID, at the front of the message, is the slot's
 * number. */
static void slots_send(struct ask *a, unsigned socket, const uint16_t *slot, unsigned n)
{
	struct iovec iov[2 * SLOTS_MAX];
	struct mmsghdr msgs[SLOTS_MAX];
	uint8_t id[SLOTS_MAX][2];
	uint64_t now_us = load_now_us();

	for (unsigned i = 0; i < n; i++) {
		uint32_t q = a->next++ % QUERIES;

		base_store16(id[i], slot[i]);
		iov[2 * i] = (struct iovec){id[i], 2};
		iov[2 * i + 1] =
			(struct iovec){a->bytes + a->at[q] + 2, a->at[q + 1] - a->at[q] - 2};
		msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[2 * i], .msg_iovlen = 2}};
		a->sent_us[socket][slot[i]] = now_us;
	}
	/* What the kernel does not take is lost, and is sent again like every lost query. */
	for (unsigned done = 0; done < n;) {
		int sent = sendmmsg(a->load->fd[socket], msgs + done, n - done, 0);

		if (sent <= 0)
			break;
		done += (unsigned)sent;
	}
}

/* Takes one answer. Returns false if no query in flight has its ID. */
static bool answer_take(struct ask *a, unsigned socket, const uint8_t *msg, size_t nbytes,
			uint64_t now_us)
{
	uint16_t slot = nbytes < 12 ? UINT16_MAX : base_load16(msg);

	if (slot >= a->nslots || a->sent_us[socket][slot] == 0)
		return false;
	histogram_add(&a->took, now_us - a->sent_us[socket][slot]);
	a->sent_us[socket][slot] = 0;
	a->answered++;
	a->rcode[msg[3] & 15u]++;
	a->truncated += msg[2] >> 1 & 1u;
	return true;
}

static void socket_read(struct ask *a, unsigned socket)
{
	static uint8_t bytes[SLOTS_MAX][ANSWER_MAX];
	struct iovec iov[SLOTS_MAX];
	struct mmsghdr msgs[SLOTS_MAX];
	uint16_t slot[SLOTS_MAX];
	unsigned n = 0;
	uint64_t now_us;
	int got;

	for (unsigned i = 0; i < a->nslots; i++) {
		iov[i] = (struct iovec){bytes[i], ANSWER_MAX};
		msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	got = recvmmsg(a->load->fd[socket], msgs, a->nslots, MSG_DONTWAIT, NULL);
	now_us = load_now_us();
	for (int i = 0; i < got; i++)
		if (answer_take(a, socket, bytes[i], msgs[i].msg_len, now_us))
			slot[n++] = base_load16(bytes[i]);
	slots_send(a, socket, slot, n);
}

static void lost_send(struct ask *a, uint64_t now_us)
{
	for (unsigned s = 0; s < LOAD_SOCKETS; s++) {
		uint16_t slot[SLOTS_MAX];
		unsigned n = 0;

		for (uint16_t i = 0; i < a->nslots; i++)
			if (a->sent_us[s][i] + LOST_US < now_us)
				slot[n++] = i;
		a->lost += n;
		slots_send(a, s, slot, n);
	}
}

static void run(struct ask *a, uint64_t end_us)
{
	struct pollfd p[LOAD_SOCKETS];
	uint64_t now_us = load_now_us(), looked_us = now_us;

	for (unsigned s = 0; s < LOAD_SOCKETS; s++) {
		uint16_t slot[SLOTS_MAX];

		for (uint16_t i = 0; i < a->nslots; i++)
			slot[i] = i;
		slots_send(a, s, slot, a->nslots);
		p[s] = (struct pollfd){.fd = a->load->fd[s], .events = POLLIN};
	}
	for (; now_us < end_us; now_us = load_now_us()) {
		if (poll(p, LOAD_SOCKETS, WAIT_MS) > 0)
			for (unsigned s = 0; s < LOAD_SOCKETS; s++)
				if (p[s].revents != 0)
					socket_read(a, s);
		if (now_us > looked_us + LOST_US) {
			lost_send(a, now_us);
			looked_us = now_us;
		}
	}
}

static double cpu_s(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* Prints the figures. Returns whether all RCODEs were expected and at most 1 % of the queries lost.
 */
static bool report(const struct ask *a, double seconds, double busy_s)
{
	uint64_t wrong = a->answered - a->rcode[0] - a->rcode[RCODE_NXDOMAIN];

	printf("{\"queries-per-s\": %.0f, \"answered\": %llu, \"lost\": %llu, \"nxdomain\": %llu, "
	       "\"truncated\": %llu, \"wrong-rcodes\": %llu, \"asker-cpu-percent\": %.0f, "
	       "\"latency-ms\": ",
	       (double)a->answered / seconds, (unsigned long long)a->answered,
	       (unsigned long long)a->lost, (unsigned long long)a->rcode[RCODE_NXDOMAIN],
	       (unsigned long long)a->truncated, (unsigned long long)wrong, 100 * busy_s / seconds);
	histogram_print(&a->took);
	puts("}");
	return wrong == 0 && a->lost * 100 <= a->answered;
}

int churn_ask(struct load *l, unsigned window, double seconds)
{
	struct ask *a = calloc(1, sizeof(*a));
	uint64_t start_us;
	double busy_s;
	int status = 1;

	if (a == NULL)
		return 1;
	a->load = l;
	a->nslots = window / LOAD_SOCKETS == 0 ? 1 : window / LOAD_SOCKETS;
	if (a->nslots > SLOTS_MAX)
		a->nslots = SLOTS_MAX;
	if (histogram_init(&a->took) == 0 && queries_make(a) == 0) {
		start_us = load_now_us();
		busy_s = cpu_s();
		run(a, start_us + (uint64_t)(seconds * 1e6));
		status = report(a, (double)(load_now_us() - start_us) / 1e6, cpu_s() - busy_s) ? 0
											       : 1;
	}
	histogram_fini(&a->took);
	free(a->bytes);
	free(a->at);
	free(a);
	return status;
}
