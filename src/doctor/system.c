/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/system.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "dns/type.h"

/* What the child sends: few enough bytes for one write to a pipe. */
struct result {
	int error;
	uint64_t at_us; /* when it was known */
	size_t naddresses;
	struct sockaddr_storage addresses[DOCTOR_SYSTEM_MAX];
};

static void child_run(int fd, const void *arg)
{
	const struct doctor_system *s = arg;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct result r = {.error = getaddrinfo(s->host, NULL, &hints, &found)};

	r.at_us = base_clock_steady_us();
	for (struct addrinfo *a = found; a != NULL && r.naddresses < DOCTOR_SYSTEM_MAX;
	     a = a->ai_next)
		memcpy(&r.addresses[r.naddresses++], a->ai_addr, a->ai_addrlen);
	_exit(write(fd, &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
}

void doctor_system_begin(struct doctor_system *s, const uint8_t *host)
{
	*s = (struct doctor_system){.error = EAI_AGAIN, .started_us = base_clock_steady_us()};
	/* As programs ask: /etc/hosts has no final dots. */
	dns_name_labels_to_text(s->host, host, dns_name_labels(host));
	s->is_asked = doctor_child_begin(&s->child, child_run, s) == 0;
}

void doctor_system_end(struct doctor_system *s, uint64_t deadline_ms)
{
	struct result r = {0};

	if (!s->is_asked)
		return;
	if (doctor_child_read(&s->child, &r, sizeof(r), deadline_ms) > 0) {
		s->error = r.error;
		s->rtt_us = (uint32_t)(r.at_us - s->started_us);
		s->naddresses = r.naddresses;
		memcpy(s->addresses, r.addresses, sizeof(s->addresses));
	}
	doctor_child_end(&s->child);
}

/* Returns whether a record of the registry has the address. */
static bool has_address(const struct doctor_view *const wanted[static 2],
			const struct sockaddr_storage *a)
{
	bool is_v4 = a->ss_family == AF_INET;
	const uint8_t *bytes = is_v4 ? (const void *)&((const struct sockaddr_in *)a)->sin_addr
				     : (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr;

	return doctor_view_find(wanted[is_v4 ? 0 : 1], is_v4 ? DNS_TYPE_A : DNS_TYPE_AAAA, bytes,
				is_v4 ? 4 : 16) != NULL;
}

void doctor_system_judge(struct doctor_findings *f, const struct doctor_system *s,
			 const struct doctor_view *const wanted[static 2])
{
	char text[BASE_ADDRESS_TEXT_MAX];
	struct doctor_finding *found;

	if (!s->is_asked)
		return;
	if (s->error != 0) {
		found = doctor_finding_add(f, DOCTOR_FAULT, "system", "getaddrinfo",
					   "does not find %.200s: %s", s->host,
					   gai_strerror(s->error));
		doctor_finding_mend(found, "see the resolvers above, and `hosts:` in "
					   "/etc/nsswitch.conf");
		return;
	}
	for (size_t i = 0; i < s->naddresses; i++) {
		if (has_address(wanted, &s->addresses[i]))
			continue;
		base_address_to_text(text, (const struct sockaddr *)&s->addresses[i]);
		text[strcspn(text, "@")] = '\0';
		found = doctor_finding_add(f, DOCTOR_FAULT, "system", "getaddrinfo",
					   "gives %s for %.200s, which the registry does not have",
					   text, s->host);
		doctor_finding_mend(found, "see /etc/hosts, and `hosts:` in /etc/nsswitch.conf");
	}
}
