/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "registrant/addresses.h"

enum { UP = 2, DOWN = 3, SIZE = 4096 };

/* A datagram that is being written. */
struct datagram {
	_Alignas(struct nlmsghdr) uint8_t bytes[SIZE];
	size_t nbytes;
};

static struct registrant_dump dump;

static void *message(struct datagram *d, uint16_t type, size_t nbytes)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(d->bytes + d->nbytes);

	h->nlmsg_type = type;
	h->nlmsg_len = (uint32_t)NLMSG_LENGTH(nbytes);
	d->nbytes += NLMSG_ALIGN(h->nlmsg_len);
	return NLMSG_DATA(h);
}

static void link_add(struct datagram *d, int index, const char *name, unsigned flags)
{
	size_t nname = strlen(name) + 1;
	struct ifinfomsg *m = message(d, RTM_NEWLINK, sizeof(*m) + RTA_SPACE(nname));
	struct rtattr *a = IFLA_RTA(m);

	m->ifi_index = index;
	m->ifi_flags = flags;
	a->rta_type = IFLA_IFNAME;
	a->rta_len = (uint16_t)RTA_LENGTH(nname);
	memcpy(RTA_DATA(a), name, nname);
}

static void address_add(struct datagram *d, unsigned index, const char *text, uint32_t flags)
{
	uint8_t family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	uint16_t nbytes = family == AF_INET ? 4 : 16;
	struct ifaddrmsg *m =
		message(d, RTM_NEWADDR, sizeof(*m) + RTA_SPACE(nbytes) + RTA_SPACE(sizeof(flags)));
	struct rtattr *a = IFA_RTA(m);

	m->ifa_family = family;
	m->ifa_index = index;
	a->rta_type = IFA_ADDRESS;
	a->rta_len = (uint16_t)RTA_LENGTH(nbytes);
	assert_int_equal(inet_pton(family, text, RTA_DATA(a)), 1);
	a = (struct rtattr *)((uint8_t *)a + RTA_SPACE(nbytes));
	a->rta_type = IFA_FLAGS;
	a->rta_len = RTA_LENGTH(sizeof(flags));
	memcpy(RTA_DATA(a), &flags, sizeof(flags));
}

/* Reads links, and then the address on the interface. Returns how many addresses there are. */
static size_t found_on(const char *const *names, size_t nnames, unsigned index, const char *text,
		       uint32_t flags)
{
	struct datagram links = {.nbytes = 0}, addresses = {.nbytes = 0};

	memset(&dump, 0, sizeof(dump));
	dump.names = names;
	dump.nnames = nnames;
	link_add(&links, 1, "lo", IFF_UP | IFF_LOOPBACK);
	link_add(&links, UP, "eth0", IFF_UP);
	link_add(&links, DOWN, "eth1", 0);
	message(&links, NLMSG_DONE, 4);
	assert_true(registrant_addresses_read(&dump, links.bytes, links.nbytes));
	address_add(&addresses, index, text, flags);
	assert_false(registrant_addresses_read(&dump, addresses.bytes, addresses.nbytes));
	return dump.found.n;
}

static size_t found(unsigned index, const char *text, uint32_t flags)
{
	return found_on(NULL, 0, index, text, flags);
}

static void addresses_that_others_can_reach_are_taken(void **state)
{
	(void)state;
	assert_int_equal(found(UP, "192.0.2.1", IFA_F_PERMANENT), 1);
	assert_int_equal(dump.found.addresses[0].ss_family, AF_INET);
	assert_int_equal(found(UP, "2001:db8::1", IFA_F_PERMANENT), 1);
	assert_int_equal(dump.found.addresses[0].ss_family, AF_INET6);
	assert_int_equal(found(UP, "10.1.2.3", 0), 1);
	assert_int_equal(found(UP, "fd00::1", IFA_F_MANAGETEMPADDR), 1);
}

static void others_are_not(void **state)
{
	static const struct {
		unsigned index;
		const char *text;
		uint32_t flags;
	} cases[] = {
		{1, "127.0.0.1", 0},
		{1, "192.0.2.1", 0},
		{DOWN, "192.0.2.1", 0},
		{UP, "127.1.2.3", 0},
		{UP, "169.254.1.1", 0},
		{UP, "224.0.0.1", 0},
		{UP, "fe80::1", 0},
		{UP, "::1", 0},
		{UP, "2001:db8::1", IFA_F_DEPRECATED},
		{UP, "2001:db8::1", IFA_F_TENTATIVE},
		{UP, "2001:db8::1", IFA_F_TEMPORARY},
		{UP, "2001:db8::1", IFA_F_DADFAILED | IFA_F_TENTATIVE},
		{100000, "192.0.2.1", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(found(cases[i].index, cases[i].text, cases[i].flags), 0);
}

static void of_named_interfaces_loopback_counts_too_and_others_do_not(void **state)
{
	static const char *const names[] = {"lo", "eth1", "eth", "eth00"};

	(void)state;
	assert_int_equal(found_on(names, 4, 1, "192.0.2.1", 0), 1);
	assert_int_equal(found_on(names, 4, 1, "127.0.0.1", 0), 0);
	assert_int_equal(found_on(names, 4, UP, "192.0.2.1", 0), 0);
	assert_int_equal(found_on(names, 4, DOWN, "192.0.2.1", 0), 0);
}

static void the_order_is_that_of_the_addresses(void **state)
{
	struct registrant_network first;
	struct datagram d = {.nbytes = 0};

	(void)state;
	found(UP, "192.0.2.2", 0);
	address_add(&d, UP, "192.0.2.1", 0);
	address_add(&d, UP, "192.0.2.2", 0);
	registrant_addresses_read(&dump, d.bytes, d.nbytes);
	first = dump.found;
	assert_int_equal(first.n, 2);
	found(UP, "192.0.2.1", 0);
	registrant_addresses_read(&dump, d.bytes, d.nbytes);
	assert_memory_equal(&first, &dump.found, sizeof(first));
}

static void too_many_are_left_out(void **state)
{
	char text[32];

	(void)state;
	found(UP, "192.0.2.1", 0);
	for (int i = 0; i < 2 * REGISTRANT_NETWORK_MAX; i++) {
		struct datagram d = {.nbytes = 0};

		snprintf(text, sizeof(text), "198.51.100.%d", i);
		address_add(&d, UP, text, 0);
		registrant_addresses_read(&dump, d.bytes, d.nbytes);
	}
	assert_int_equal(dump.found.n, REGISTRANT_NETWORK_MAX);
}

static void what_is_cut_short_is_passed_over(void **state)
{
	struct datagram d = {.nbytes = 0};

	(void)state;
	found(UP, "192.0.2.1", 0);
	address_add(&d, UP, "192.0.2.2", 0);
	for (size_t n = 0; n < d.nbytes; n++)
		registrant_addresses_read(&dump, d.bytes, n);
	assert_int_equal(dump.found.n, 1);
	/* A length within the message that is not true. */
	((struct nlmsghdr *)d.bytes)->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)) + 5;
	registrant_addresses_read(&dump, d.bytes, d.nbytes);
	assert_int_equal(dump.found.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_that_others_can_reach_are_taken),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(of_named_interfaces_loopback_counts_too_and_others_do_not),
		cmocka_unit_test(the_order_is_that_of_the_addresses),
		cmocka_unit_test(too_many_are_left_out),
		cmocka_unit_test(what_is_cut_short_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
