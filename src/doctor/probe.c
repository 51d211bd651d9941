/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/secret.h"
#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/type.h"

/* The probes that are asked at the same time. */
struct doctor_round {
	struct resolve_events events;
	struct fabric_tls_context *tls;
	size_t nleft;
};

/* ---- the query ---- */

static size_t query_write(struct doctor_probe *p)
{
	struct dns_header h = {.id = p->id, .qdcount = 1, .arcount = p->has_edns ? 1 : 0};
	struct dns_writer w;
	size_t n;

	h.flags = (uint16_t)((p->is_recursive ? DNS_FLAG_RD : 0) |
			     (p->is_unchecked ? DNS_FLAG_CD : 0));
	dns_writer_init(&w, p->query, sizeof(p->query));
	dns_writer_header(&w, &h);
	dns_writer_name(&w, p->name, false);
	base_out_u16(&w.out, p->type);
	base_out_u16(&w.out, DNS_CLASS_IN);
	if (p->has_edns) {
		base_out_u8(&w.out, 0);
		base_out_u16(&w.out, DNS_TYPE_OPT);
		base_out_u16(&w.out, RESOLVE_MESSAGE_UDP_MAX);
		base_out_u32(&w.out, 0);
		base_out_u16(&w.out, 0);
	}
	n = base_out_nbytes(&w.out);
	if (p->key != NULL)
		n = dns_tsig_request_sign(&p->request, p->key, p->query, n, sizeof(p->query),
					  (uint64_t)base_clock_read(CLOCK_REALTIME).tv_sec);
	return n;
}

/* ---- the end of a probe ---- */

static void done(struct doctor_probe *p, enum doctor_outcome outcome, int error)
{
	if (p->is_done)
		return;
	p->is_done = true;
	p->view.outcome = outcome;
	p->view.error = error;
	resolve_timer_clear(&p->round->events.timers, &p->again);
	resolve_events_close(&p->round->events, &p->udp);
	resolve_stream_close(&p->stream);
	p->round->nleft--;
}

/* Reads the signature of an answer. */
static void signature_read(struct doctor_probe *p, const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_question q;
	struct dns_edns edns = {0};
	size_t offset = 0;

	p->signature = DNS_TSIG_RESPONSE_INVALID;
	if (h.qdcount == 1 && !dns_question_parse(&b, &q))
		return;
	if (dns_msg_scan(&b, &h, &edns, &offset))
		p->signature = dns_tsig_request_verify(
			&p->request, msg, nbytes, offset,
			(uint64_t)base_clock_read(CLOCK_REALTIME).tv_sec, &p->server_s);
}

/* Takes a message. Returns whether the probe goes on. */
static bool message_take(struct doctor_probe *p, const uint8_t *msg, size_t nbytes)
{
	uint64_t now_us = base_clock_steady_us();
	int ret = doctor_view_take(&p->view, msg, nbytes, p->id, p->name, p->type);

	if (ret == 0)
		return true;
	if (ret < 0) {
		done(p, DOCTOR_FAILED, ret);
		return false;
	}
	p->view.rtt_us = (uint32_t)(now_us - p->started_us);
	p->view.at_ms = now_us / 1000;
	if (p->key != NULL)
		signature_read(p, msg, nbytes);
	done(p, DOCTOR_ANSWERED, 0);
	return false;
}

/* ---- UDP ---- */

static void udp_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	struct doctor_probe *p = arg;
	uint8_t msg[DNS_MSG_MAX];
	ssize_t n = recv(p->udp.fd, msg, sizeof(msg), 0);

	(void)events;
	(void)now_ms;
	if (n >= 0)
		message_take(p, msg, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		done(p, DOCTOR_FAILED, -errno);
}

/* A datagram may have been lost: sends it once more. */
static void udp_again(void *arg, uint64_t now_ms)
{
	struct doctor_probe *p = arg;

	(void)now_ms;
	if (send(p->udp.fd, p->query, p->nquery, MSG_NOSIGNAL) < 0)
		done(p, DOCTOR_FAILED, -errno);
}

static int udp_begin(struct doctor_probe *p, uint64_t now_ms)
{
	const struct sockaddr *to = (const struct sockaddr *)&p->to.address;
	int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	p->udp = (struct resolve_descriptor){
		.fd = fd, .wanted = EPOLLIN, .on_ready = udp_ready, .arg = p};
	if (connect(fd, to, base_address_nbytes(to)) < 0 ||
	    send(fd, p->query, p->nquery, MSG_NOSIGNAL) < 0) {
		ret = -errno;
		close(fd);
		p->udp.fd = -1;
		return ret;
	}
	resolve_timer_set(&p->round->events.timers, &p->again, now_ms + DOCTOR_AGAIN_MS);
	return resolve_events_add(&p->round->events, &p->udp);
}

/* ---- TCP and TLS ---- */

static bool stream_opened(void *arg, uint64_t now_ms)
{
	struct doctor_probe *p = arg;
	int ret = resolve_stream_send(&p->stream, p->query, p->nquery);

	(void)now_ms;
	if (ret < 0)
		done(p, DOCTOR_FAILED, ret);
	return ret == 0;
}

static bool stream_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	(void)now_ms;
	return message_take(arg, msg, nbytes);
}

static void stream_ended(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct doctor_probe *p = arg;
	struct base_out text = base_out_over(p->view.ede_text, sizeof(p->view.ede_text) - 1);

	(void)now_ms;
	if (why != NULL)
		base_out_bytes(&text, why, strnlen(why, sizeof(p->view.ede_text) - 1));
	*text.at = '\0';
	done(p, DOCTOR_FAILED, error < 0 ? error : -ECONNRESET);
}

static const struct resolve_stream_calls stream_calls = {stream_opened, stream_message,
							 stream_ended};

/* ---- all of a round ---- */

static void probe_begin(struct doctor_probe *p, struct doctor_round *round, uint64_t now_ms)
{
	int ret;

	doctor_view_fini(&p->view);
	p->view.ede = DNS_EDE_NONE;
	p->round = round;
	p->is_done = false;
	p->udp.fd = -1;
	p->again = (struct resolve_timer){.on_due = udp_again, .arg = p};
	resolve_stream_init(&p->stream, &round->events, &stream_calls, p);
	base_secret_random(&p->id, sizeof(p->id));
	p->nquery = query_write(p);
	p->started_us = base_clock_steady_us();
	p->to.is_tls = p->transport == DOCTOR_TLS;
	if (p->transport == DOCTOR_UDP)
		ret = udp_begin(p, now_ms);
	else
		ret = resolve_stream_connect(&p->stream, &p->to, round->tls);
	if (ret < 0)
		done(p, DOCTOR_FAILED, ret);
}

void doctor_probes_run(struct doctor_probe *const *probes, size_t n, struct fabric_tls_context *tls,
		       uint64_t deadline_ms)
{
	struct doctor_round round = {.tls = tls, .nleft = n};
	uint64_t now_ms = base_clock_steady_us() / 1000;
	int ret = resolve_events_init(&round.events);

	for (size_t i = 0; ret < 0 && i < n; i++) {
		probes[i]->view.outcome = DOCTOR_FAILED;
		probes[i]->view.error = ret;
	}
	if (ret < 0)
		return;
	for (size_t i = 0; i < n; i++)
		probe_begin(probes[i], &round, now_ms);
	while (round.nleft > 0 && now_ms < deadline_ms)
		now_ms = resolve_events_wait(&round.events, deadline_ms);
	for (size_t i = 0; i < n; i++)
		done(probes[i], DOCTOR_SILENT, -ETIMEDOUT);
	resolve_events_fini(&round.events);
}

void doctor_probe_fini(struct doctor_probe *p)
{
	doctor_view_fini(&p->view);
}
