/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "updates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "dns/type.h"

enum { TTL_S = 60, RUNS = 4000, RUN_MOST = 1000000 };

int updates_init(struct updates *u, const struct load_options *o, uint32_t most)
{
	struct stream_target to;

	u->most = most;
	u->first = (uint32_t)(stream_wall_us() / 1000000 % RUNS) * RUN_MOST;
	u->replied_us = calloc(most, sizeof(*u->replied_us));
	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->replied_us == NULL || u->fd < 0 || load_keys(&u->keys, o->keys) < 0 ||
	    stream_target_init(&to, o->address, o->port, false) < 0)
		return -1;
	stream_stamp(u->fd);
	if (connect(u->fd, (struct sockaddr *)&to.address, sizeof(to.address)) == 0)
		return 0;
	perror("connect");
	return -1;
}

void updates_fini(struct updates *u)
{
	load_close(&u->keys);
	free(u->replied_us);
	close(u->fd);
}

static size_t instance_name(const struct updates *u, uint32_t number, uint8_t out[DNS_NAME_MAX])
{
	uint8_t type[DNS_NAME_MAX];
	char text[20];

	sessions_type(u->sessions, number % u->sessions->ngroups, type);
	snprintf(text, sizeof(text), "i%u", u->first + number);
	return dns_name_from_text(out, text, strlen(text), type);
}

static void write_ptr(const struct updates *u, struct base_out *o, uint32_t number, uint16_t class)
{
	uint8_t name[DNS_NAME_MAX], type[DNS_NAME_MAX];
	size_t n = instance_name(u, number, name);
	size_t ntype = sessions_type(u->sessions, number % u->sessions->ngroups, type);

	message_record(o, type, ntype, DNS_TYPE_PTR, class, class == DNS_CLASS_IN ? TTL_S : 0, n);
	base_out_bytes(o, name, n);
}

static void write_instance(const struct updates *u, struct base_out *o, uint32_t number)
{
	uint8_t name[DNS_NAME_MAX], host[DNS_NAME_MAX];
	size_t n = instance_name(u, number, name);
	size_t nhost = dns_name_from_text(host, "n1.nodes", 8, u->sessions->zone);

	message_record(o, name, n, DNS_TYPE_SRV, DNS_CLASS_IN, TTL_S, 6 + nhost);
	base_out_u32(o, 0);
	base_out_u16(o, (uint16_t)(1024 + number % 60000));
	base_out_bytes(o, host, nhost);
	message_record(o, name, n, DNS_TYPE_TXT, DNS_CLASS_IN, TTL_S, 4);
	base_out_u8(o, 3);
	base_out_bytes(o, "a=b", 3);
	if (!u->has_view)
		write_ptr(u, o, number, DNS_CLASS_IN);
}

static void write_removal(const struct updates *u, struct base_out *o, uint32_t number)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = instance_name(u, number, name);

	message_record(o, name, n, DNS_TYPE_ANY, DNS_CLASS_ANY, 0, 0);
	if (!u->has_view)
		write_ptr(u, o, number, DNS_CLASS_NONE);
}

uint32_t updates_send(struct updates *u)
{
	uint8_t msg[MESSAGE_MAX + SIGNATURE_MAX];
	struct base_out o = base_out_over(msg, MESSAGE_MAX);
	uint32_t number = u->next++, live = UPDATES_LIVE * u->sessions->ngroups;
	unsigned nrecords = (number < live ? 2 : 3) + (u->has_view ? 0 : number < live ? 1 : 2);
	size_t n;

	message_header(&o, DNS_OPCODE_UPDATE, nrecords);
	base_out_bytes(&o, u->sessions->zone, dns_name_nbytes(u->sessions->zone));
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	write_instance(u, &o, number);
	if (number >= live)
		write_removal(u, &o, number - live);
	message_option(&o, 0);
	n = signer_sign(load_signer(&u->keys, number % u->sessions->ngroups), msg,
			base_out_nbytes(&o), (uint16_t)number, (uint64_t)time(NULL));
	if (send(u->fd, msg, n, 0) != (ssize_t)n)
		u->nrefused++;
	return number;
}

void updates_take(struct updates *u)
{
	uint8_t msg[MESSAGE_MAX];
	uint64_t received_us;
	ssize_t n;

	while ((n = stream_receive(u->fd, msg, sizeof(msg), &received_us)) > 0) {
		uint32_t last = u->next - 1;
		uint32_t number = last - (uint16_t)(last - base_load16(msg));

		if (n < 12 || number >= u->next || u->replied_us[number] != 0)
			continue;
		u->replied_us[number] = received_us;
		if ((msg[3] & 15) == 0)
			u->nreplied++;
		else
			u->nrefused++;
	}
}
