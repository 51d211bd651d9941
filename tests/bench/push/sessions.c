/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "sessions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../load.h"
#include "base/buf.h"
#include "dns/dso.h"
#include "dns/type.h"

enum {
	EVENTS = 256,
	MESSAGE_ROOM = 2 + 65535,
	SUBSCRIBE_ROOM = 400,
	WISHED_MS = 3600000, /* both timeouts, as RFC 8490 section 6.5.2 recommends */
	KEEPALIVE_ID = 1,
	FIRST_ID = 2 /* of subscriptions */
};

size_t sessions_type(const struct sessions *all, unsigned group, uint8_t out[DNS_NAME_MAX])
{
	char text[40];

	snprintf(text, sizeof(text), "_g%u._tcp", group);
	return dns_name_from_text(out, text, strlen(text), all->zone);
}

int sessions_init(struct sessions *all, unsigned n)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all->n = n;
	all->all = calloc(n, sizeof(*all->all));
	all->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (all->all == NULL || all->epoll < 0) {
		perror("sessions");
		return -1;
	}
	for (unsigned i = 0; i < n; i++)
		all->all[i] = (struct session){.number = i, .stream.fd = -1};
	return 0;
}

void sessions_fini(struct sessions *all)
{
	for (unsigned i = 0; all->all != NULL && i < all->n; i++) {
		stream_close(&all->all[i].stream);
		free(all->all[i].held);
	}
	free(all->all);
	close(all->epoll);
}

static bool is_opening(const struct session *s)
{
	return s->state >= SESSION_CONNECTING && s->state <= SESSION_SUBSCRIBING;
}

void session_fail(struct sessions *all, struct session *s)
{
	all->nopening -= is_opening(s);
	all->nready -= s->state == SESSION_READY;
	all->nfailed++;
	s->state = SESSION_FAILED;
	stream_close(&s->stream);
}

static void become_ready(struct sessions *all, struct session *s)
{
	s->state = SESSION_READY;
	all->nready++;
	all->nopening--;
}

/* ---- sending ---- */

static void frame_end(struct base_out *o, uint8_t *frame)
{
	base_store16(frame, (uint16_t)(base_out_nbytes(o)));
}

static bool keepalive_send(struct session *s)
{
	static const struct dns_dso_timeouts wished = {WISHED_MS, WISHED_MS};
	uint8_t frame[2 + 64];
	struct base_out o = base_out_over(frame + 2, sizeof(frame) - 2);

	dns_dso_header_write(&o, KEEPALIVE_ID, 0);
	dns_dso_keepalive_write(&o, &wished);
	frame_end(&o, frame);
	return stream_write_all(&s->stream, frame, 2 + base_out_nbytes(&o));
}

static bool subscribe_send(const struct sessions *all, struct session *s)
{
	uint8_t frame[SUBSCRIBE_ROOM], name[DNS_NAME_MAX];
	struct base_out o = base_out_over(frame + 2, sizeof(frame) - 2);
	size_t offset, n;
	char text[40];

	if (s->asked == 0) {
		n = sessions_type(all, s->number % all->ngroups, name);
	} else {
		snprintf(text, sizeof(text), "s%ux%u.own", s->number, s->asked);
		n = dns_name_from_text(name, text, strlen(text), all->zone);
	}
	dns_dso_header_write(&o, (uint16_t)(FIRST_ID + s->asked), 0);
	offset = dns_dso_tlv_begin(&o, DNS_DSO_SUBSCRIBE);
	base_out_bytes(&o, name, n);
	base_out_u16(&o, s->asked > 0 ? DNS_TYPE_A : all->is_any ? DNS_TYPE_ANY : DNS_TYPE_PTR);
	base_out_u16(&o, DNS_CLASS_IN);
	dns_dso_tlv_end(&o, offset);
	frame_end(&o, frame);
	s->asked++;
	return stream_write_all(&s->stream, frame, 2 + base_out_nbytes(&o));
}

/* ---- receiving ---- */

/* Finds the number in "i123", the first label of a PTR's target. */
static bool instance_of(const struct dns_rr *rr, uint32_t *number)
{
	struct base_buf rdata = rr->rdata;
	unsigned nchars = base_buf_u8(&rdata);
	const uint8_t *label = nchars < 64 ? base_buf_take(&rdata, nchars) : NULL;

	if (label == NULL || nchars < 2 || label[0] != 'i')
		return false;
	*number = 0;
	for (unsigned i = 1; i < nchars; i++)
		*number = *number * 10 + (label[i] - '0');
	return true;
}

static bool take_push(struct sessions *all, struct session *s, const struct dns_dso_tlv *tlv,
		      size_t nbytes)
{
	struct base_buf data = tlv->data;
	struct session_change c = {.session = s};
	struct dns_rr rr;

	all->pushes++;
	all->octets += nbytes;
	if (base_buf_left(&data) == 0)
		return false;
	while (base_buf_left(&data) > 0) {
		if (!dns_rr_parse(&data, &rr))
			return false;
		if (rr.type != DNS_TYPE_PTR || !instance_of(&rr, &c.instance))
			continue;
		c.is_added = rr.ttl < UINT32_C(0x80000000);
		if (all->on_change != NULL)
			all->on_change(all->arg, &c);
	}
	return true;
}

static void take_retry_delay(struct sessions *all, struct session *s)
{
	all->retry_delays++;
	session_fail(all, s);
}

static bool take_response(struct sessions *all, struct session *s, const struct dns_dso *m)
{
	struct dns_dso_timeouts timeouts;

	if (m->id == KEEPALIVE_ID) {
		if (s->state != SESSION_ESTABLISHING || m->rcode != 0 || !m->has_tlv ||
		    !dns_dso_keepalive_parse(&m->primary, &timeouts))
			return false;
		all->inactivity_ms = timeouts.inactivity_ms;
		all->keepalive_ms = timeouts.keepalive_ms;
		s->state = SESSION_SUBSCRIBING;
	} else if (m->rcode == 0) {
		s->granted++;
	} else {
		all->refused++;
		s->granted++;
	}
	if (s->state != SESSION_SUBSCRIBING)
		return true;
	if (s->granted == all->nsubscriptions)
		become_ready(all, s);
	else if (s->asked == s->granted)
		return subscribe_send(all, s);
	return true;
}

/* Takes one message. Returns false if it breaks the rules; the session may have failed. */
static bool take_message(struct sessions *all, struct session *s, const uint8_t *msg, size_t nbytes)
{
	struct dns_dso m;

	if (dns_dso_parse(msg, nbytes, &m) != DNS_DSO_VALID)
		return false;
	if (m.is_response)
		return take_response(all, s, &m);
	if (m.primary.type == DNS_DSO_PUSH)
		return take_push(all, s, &m.primary, nbytes);
	if (m.primary.type == DNS_DSO_RETRY_DELAY)
		take_retry_delay(all, s);
	else
		all->unknown += m.primary.type != DNS_DSO_KEEPALIVE;
	return true;
}

/* Takes the messages that are whole. Returns how many octets they had, or -1. */
static ssize_t take_messages(struct sessions *all, struct session *s, const uint8_t *data,
			     size_t nbytes)
{
	size_t at = 0;

	while (s->stream.fd >= 0 && nbytes - at >= 2) {
		size_t size = base_load16(data + at);

		if (nbytes - at - 2 < size)
			break;
		if (!take_message(all, s, data + at + 2, size))
			return -1;
		at += 2 + size;
	}
	return (ssize_t)at;
}

static bool hold(struct session *s, const uint8_t *data, size_t nbytes)
{
	free(s->held);
	s->held = nbytes > 0 ? malloc(nbytes) : NULL;
	s->nheld = (uint32_t)nbytes;
	if (nbytes > 0 && s->held == NULL)
		return false;
	if (nbytes > 0)
		memcpy(s->held, data, nbytes);
	return true;
}

static void read_all(struct sessions *all, struct session *s)
{
	static uint8_t bytes[2 * MESSAGE_ROOM];
	ssize_t got = 1, taken;
	size_t n;

	while (got > 0 && s->stream.fd >= 0) {
		n = s->nheld;
		if (n > 0)
			memcpy(bytes, s->held, n);
		got = stream_read(&s->stream, bytes + n, MESSAGE_ROOM);
		if (got > 0)
			n += (size_t)got;
		taken = got < 0 ? -1 : take_messages(all, s, bytes, n);
		if (s->stream.fd < 0)
			return;
		if (taken < 0 || !hold(s, bytes + taken, n - (size_t)taken)) {
			session_fail(all, s);
			return;
		}
	}
}

/* ---- events ---- */

static void watch(const struct sessions *all, struct session *s)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};

	if (s->stream.wants_write)
		e.events |= EPOLLOUT;
	epoll_ctl(all->epoll, EPOLL_CTL_MOD, s->stream.fd, &e);
}

static void connected(struct sessions *all, struct session *s)
{
	all->resumed += s->stream.ssl != NULL && SSL_session_reused(s->stream.ssl);
	s->state = SESSION_ESTABLISHING;
	watch(all, s);
	if (!keepalive_send(s))
		session_fail(all, s);
}

static void on_event(struct sessions *all, struct session *s)
{
	enum stream_result r = STREAM_DONE;

	if (s->stream.fd < 0)
		return;
	if (s->state != SESSION_CONNECTING) {
		read_all(all, s);
		return;
	}
	r = stream_connect(&s->stream);
	if (r == STREAM_DONE)
		connected(all, s);
	else if (r == STREAM_AGAIN)
		watch(all, s);
	else
		session_fail(all, s);
}

bool sessions_turn(struct sessions *all, int wait_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(all->epoll, events, EVENTS, wait_ms);
	bool is_extra = false;

	for (int i = 0; i < n; i++)
		if (events[i].data.ptr == NULL)
			is_extra = true;
		else
			on_event(all, events[i].data.ptr);
	return is_extra;
}

static void open_next(struct sessions *all)
{
	struct session *s = &all->all[all->next++];
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};

	all->nopening++;
	s->state = SESSION_CONNECTING;
	if (stream_open(&s->stream, &all->target, s->number) < 0) {
		if (all->nfailed == 0)
			perror("connect");
		session_fail(all, s);
		return;
	}
	epoll_ctl(all->epoll, EPOLL_CTL_ADD, s->stream.fd, &e);
}

void sessions_open(struct sessions *all, double limit_s)
{
	uint64_t end_us = load_now_us() + (uint64_t)(limit_s * 1e6);

	while ((all->next < all->n || all->nopening > 0) && load_now_us() < end_us) {
		while (all->next < all->n && all->nopening < all->window)
			open_next(all);
		sessions_turn(all, 100);
	}
	/* What comes too late is not served. */
	for (unsigned i = 0; i < all->next; i++)
		if (is_opening(&all->all[i]))
			session_fail(all, &all->all[i]);
}
