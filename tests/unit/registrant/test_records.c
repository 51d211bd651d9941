/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is written is read as the registry reads it. */

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dns/update.h"
#include "registrant/records.h"

enum { SIZE = 65535 };

static const uint8_t zone[] = "\3lab\5cloud";
static const uint8_t web[] = "\3web\5_http\4_tcp\3lab\5cloud";
static const uint8_t node_name[] = "\2n1\5nodes\3lab\5cloud";

/* An instance at its node, with nothing in the registry. */
struct world {
	struct registrant_service s, node;
	struct registrant_settings settings, node_settings;
	struct registrant_network networks[2];
	struct dns_update m;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->settings = (struct registrant_settings){.port = 80, .lease_s = 60, .id = ""};
	memcpy(w->settings.name, web, sizeof(web));
	w->node_settings = (struct registrant_settings){.kind = REGISTRANT_NODE, .lease_s = 60};
	w->s.settings = &w->settings;
	w->s.node = &w->node;
	w->s.incarnation = w->s.flying = 7;
	memcpy(w->s.name, web, sizeof(web));
	w->node.settings = &w->node_settings;
	w->node.addresses = &w->networks[0];
	w->node.old = &w->networks[1];
	memcpy(w->node.name, node_name, sizeof(node_name));
	assert_int_equal(dns_update_init(&w->m), 0);
}

/* Writes the unit's part of a message, and reads it. */
static void write_and_read(struct world *w, struct registrant_service *s, enum registrant_todo todo)
{
	static uint8_t msg[SIZE];
	struct dns_update_writer u;
	size_t n;

	s->todo = todo;
	dns_update_write_begin(&u, msg, sizeof(msg), 1, zone);
	registrant_records_require(&u, s);
	registrant_records_change(&u, s);
	n = dns_update_write_end(&u, 1232, 60);
	assert_true(n > 0);
	assert_true(n <= registrant_records_bound(s) + DNS_HEADER_SIZE + sizeof(zone) + 4 + 19);
	assert_int_equal(dns_update_parse(&w->m, msg, n), 0);
}

static const struct dns_update_record *find(const struct world *w, uint16_t type, uint16_t rrclass)
{
	for (unsigned i = 0; i < w->m.nupdates; i++)
		if (w->m.update[i].type == type && w->m.update[i].rrclass == rrclass)
			return &w->m.update[i];
	return NULL;
}

static void check_txt(const struct dns_update_record *r, const char *expected)
{
	assert_non_null(r);
	assert_int_equal(r->nbytes, strlen(expected));
	assert_memory_equal(r->rdata, expected, strlen(expected));
}

static void registering_replaces_what_was_there(void **state)
{
	struct world w;
	const struct dns_update_record *srv;

	(void)state;
	world_init(&w);
	write_and_read(&w, &w.s, REGISTRANT_REGISTER);
	assert_int_equal(w.m.nprerequisites, 1);
	assert_int_equal(w.m.prerequisite[0].rrclass, DNS_CLASS_NONE);
	assert_int_equal(w.m.prerequisite[0].type, DNS_TYPE_TXT);
	assert_non_null(find(&w, DNS_TYPE_SRV, DNS_CLASS_ANY));
	assert_non_null(find(&w, DNS_TYPE_TXT, DNS_CLASS_ANY));
	check_txt(find(&w, DNS_TYPE_TXT, DNS_CLASS_IN), "\6id=web\5inc=7");
	srv = find(&w, DNS_TYPE_SRV, DNS_CLASS_IN);
	assert_memory_equal(srv->rdata + DNS_SRV_TARGET, node_name, sizeof(node_name));
	assert_non_null(find(&w, DNS_TYPE_PTR, DNS_CLASS_IN));
	dns_update_fini(&w.m);
}

static void the_callers_pairs_stay_but_for_ours(void **state)
{
	static const uint8_t txt[] = "\3a=b\4id=x\7state=q";
	struct world w;

	(void)state;
	world_init(&w);
	w.settings.txt = txt;
	w.settings.ntxt = sizeof(txt) - 1;
	w.settings.id = "one";
	w.settings.state = DNSSD_DRAINING;
	write_and_read(&w, &w.s, REGISTRANT_REGISTER);
	check_txt(find(&w, DNS_TYPE_TXT, DNS_CLASS_IN), "\3a=b\6id=one\16state=draining\5inc=7");
	/* It is not browsed, on servers that derive nothing either. */
	assert_null(find(&w, DNS_TYPE_PTR, DNS_CLASS_IN));
	assert_non_null(find(&w, DNS_TYPE_PTR, DNS_CLASS_NONE));
	dns_update_fini(&w.m);
}

static void a_refresh_requires_what_was_registered(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	registrant_records_note(&w.s);
	write_and_read(&w, &w.s, REGISTRANT_REFRESH);
	assert_int_equal(w.m.nprerequisites, 2);
	assert_int_equal(w.m.prerequisite[0].rrclass, DNS_CLASS_IN);
	check_txt(&w.m.prerequisite[1], "\6id=web\5inc=7");
	assert_int_equal(w.m.nupdates, 2);
	dns_update_fini(&w.m);
}

static void a_subtype_that_is_gone_is_removed(void **state)
{
	static const char *const before[] = {"_a", "_b"}, *const after[] = {"_b", "_c"};
	struct registrant_settings *was;
	unsigned nremoved = 0, nadded = 0;
	struct world w;

	(void)state;
	world_init(&w);
	w.settings.subtypes = before;
	w.settings.nsubtypes = 2;
	assert_int_equal(registrant_settings_copy(&was, &w.settings), 0);
	w.settings.subtypes = after;
	w.s.was = was;
	write_and_read(&w, &w.s, REGISTRANT_REGISTER);
	for (unsigned i = 0; i < w.m.nupdates; i++) {
		nremoved += w.m.update[i].type == DNS_TYPE_PTR &&
			    w.m.update[i].rrclass == DNS_CLASS_NONE;
		nadded +=
			w.m.update[i].type == DNS_TYPE_PTR && w.m.update[i].rrclass == DNS_CLASS_IN;
	}
	assert_int_equal(nremoved, 1);
	assert_int_equal(nadded, 3);
	registrant_records_note(&w.s);
	assert_null(w.s.was);
	dns_update_fini(&w.m);
}

static void set_addresses(struct registrant_network *n, const uint8_t *last, size_t count)
{
	memset(n, 0, sizeof(*n));
	for (n->n = 0; n->n < count; n->n++) {
		struct sockaddr_in *in = (struct sockaddr_in *)&n->addresses[n->n];

		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(0xc0000200u + last[n->n]);
	}
}

static void only_changed_addresses_are_sent(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	set_addresses(w.node.addresses, (const uint8_t[]){1, 2}, 2);
	write_and_read(&w, &w.node, REGISTRANT_REGISTER);
	assert_int_equal(w.m.nprerequisites, 0);
	assert_int_equal(w.m.nupdates, 4);
	assert_non_null(find(&w, DNS_TYPE_AAAA, DNS_CLASS_ANY));
	registrant_records_note(&w.node);
	set_addresses(w.node.addresses, (const uint8_t[]){2, 3}, 2);
	write_and_read(&w, &w.node, REGISTRANT_REGISTER);
	assert_int_equal(w.m.nupdates, 3);
	assert_int_equal(find(&w, DNS_TYPE_A, DNS_CLASS_NONE)->rdata[3], 1);
	assert_null(find(&w, DNS_TYPE_A, DNS_CLASS_ANY));
	dns_update_fini(&w.m);
}

static void what_an_instance_uses_is_replaced_with_it(void **state)
{
	static const uint8_t *const uses[] = {(const uint8_t *)"\2db\3_pg\4_tcp\3lab\5cloud"};
	static const uint8_t at[] = "\5_uses\3web\5_http\4_tcp\3lab\5cloud";
	struct world w;
	unsigned nadded = 0, nremoved = 0;

	(void)state;
	world_init(&w);
	w.settings.uses = uses;
	w.settings.nuses = 1;
	w.settings.ttl_s = 9;
	write_and_read(&w, &w.s, REGISTRANT_REGISTER);
	for (unsigned i = 0; i < w.m.nupdates; i++) {
		const struct dns_update_record *r = &w.m.update[i];

		if (!dns_name_equal(r->owner, at))
			continue;
		nremoved += r->rrclass == DNS_CLASS_ANY && nadded == 0;
		nadded += r->rrclass == DNS_CLASS_IN && r->ttl == 9;
	}
	assert_int_equal(nremoved, 1);
	assert_int_equal(nadded, 1);
	/* The lease of the instance has them, too. */
	registrant_records_note(&w.s);
	w.s.is_registered = true;
	write_and_read(&w, &w.s, REGISTRANT_REFRESH);
	for (unsigned i = 0; i < w.m.nupdates; i++)
		assert_false(dns_name_equal(w.m.update[i].owner, at));
	assert_int_equal(w.m.nprerequisites, 2);
	/* An earlier life is not known to have used the same. */
	w.s.is_registered = false;
	w.settings.incarnation = 7;
	write_and_read(&w, &w.s, REGISTRANT_REFRESH);
	assert_int_equal(w.m.nprerequisites, 3);
	assert_true(dns_name_equal(w.m.prerequisite[0].owner, at));
	assert_true(dns_name_equal(w.m.prerequisite[0].rdata, uses[0]));
	w.settings.nuses = 0;
	write_and_read(&w, &w.s, REGISTRANT_REFRESH);
	assert_int_equal(w.m.prerequisite[0].rrclass, DNS_CLASS_NONE);
	dns_update_fini(&w.m);
}

static void the_text_of_a_node_is_required_by_its_refresh(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	set_addresses(w.node.addresses, (const uint8_t[]){1}, 1);
	w.node_settings.txt = (const uint8_t *)"\10state=up";
	w.node_settings.ntxt = 9;
	write_and_read(&w, &w.node, REGISTRANT_REGISTER);
	assert_int_equal(w.m.nprerequisites, 0);
	assert_non_null(find(&w, DNS_TYPE_TXT, DNS_CLASS_ANY));
	registrant_records_note(&w.node);
	write_and_read(&w, &w.node, REGISTRANT_REFRESH);
	check_txt(&w.m.prerequisite[0], "\10state=up");
	assert_null(find(&w, DNS_TYPE_TXT, DNS_CLASS_ANY));
	write_and_read(&w, &w.node, REGISTRANT_REMOVE);
	assert_non_null(find(&w, DNS_TYPE_TXT, DNS_CLASS_ANY));
	dns_update_fini(&w.m);
}

static void a_claim_requires_that_the_name_is_free_and_then_that_it_is_ours(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.settings.kind = REGISTRANT_CLAIM;
	w.settings.txt = (const uint8_t *)"\4by=x";
	w.settings.ntxt = 5;
	write_and_read(&w, &w.s, REGISTRANT_REGISTER);
	assert_int_equal(w.m.nprerequisites, 1);
	assert_int_equal(w.m.prerequisite[0].rrclass, DNS_CLASS_NONE);
	check_txt(find(&w, DNS_TYPE_TXT, DNS_CLASS_IN), "\4by=x");
	/* Also if nobody knows whether it was got. */
	write_and_read(&w, &w.s, REGISTRANT_REMOVE);
	check_txt(&w.m.prerequisite[0], "\4by=x");
	registrant_records_note(&w.s);
	write_and_read(&w, &w.s, REGISTRANT_REFRESH);
	assert_int_equal(w.m.nprerequisites, 1);
	check_txt(&w.m.prerequisite[0], "\4by=x");
	assert_int_equal(w.m.nupdates, 1);
	write_and_read(&w, &w.s, REGISTRANT_REMOVE);
	check_txt(&w.m.prerequisite[0], "\4by=x");
	w.settings.is_shared = true;
	write_and_read(&w, &w.s, REGISTRANT_REMOVE);
	assert_int_equal(w.m.nprerequisites, 0);
	check_txt(find(&w, DNS_TYPE_TXT, DNS_CLASS_NONE), "\4by=x\12shared=yes");
	dns_update_fini(&w.m);
}

static void what_changes_in_flight_is_not_taken_for_what_is_there(void **state)
{
	struct registrant_settings *before, sent;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(registrant_settings_copy(&before, &w.settings), 0);
	sent = w.settings;
	sent.state = DNSSD_STARTING;
	w.s.was = before;
	assert_int_equal(registrant_settings_copy(&w.s.sent, &sent), 0);
	w.s.flying = 8;
	w.s.incarnation = 9;
	w.s.has_changed = true;
	w.s.todo = REGISTRANT_REGISTER;
	registrant_records_note(&w.s);
	assert_null(w.s.sent);
	assert_int_equal(w.s.was->state, DNSSD_STARTING);
	assert_int_equal(w.s.present.ntxt, 28);
	assert_memory_equal(w.s.present.txt, "\6id=web\5inc=8\16state=starting", 28);
	assert_int_equal(w.s.seen, 8);
	registrant_settings_free(w.s.was);
	dns_update_fini(&w.m);
}

static void incarnations_are_read_as_the_registry_reads_them(void **state)
{
	(void)state;
	assert_int_equal(registrant_records_incarnation((const uint8_t *)"\5inc=7", 6), 7);
	assert_int_equal(registrant_records_incarnation((const uint8_t *)"\5inc=x", 6), 0);
	assert_int_equal(registrant_records_incarnation((const uint8_t *)"\4inc=", 5), 0);
	assert_int_equal(registrant_records_incarnation((const uint8_t *)"\0", 1), 0);
	assert_int_equal(
		registrant_records_incarnation((const uint8_t *)"\27inc=1234567890123456789", 24),
		0);
	/* The last one counts as none: nothing could follow it. */
	assert_int_equal(
		registrant_records_incarnation((const uint8_t *)"\26inc=999999999999999999", 23),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registering_replaces_what_was_there),
		cmocka_unit_test(the_callers_pairs_stay_but_for_ours),
		cmocka_unit_test(a_refresh_requires_what_was_registered),
		cmocka_unit_test(a_subtype_that_is_gone_is_removed),
		cmocka_unit_test(only_changed_addresses_are_sent),
		cmocka_unit_test(what_an_instance_uses_is_replaced_with_it),
		cmocka_unit_test(the_text_of_a_node_is_required_by_its_refresh),
		cmocka_unit_test(a_claim_requires_that_the_name_is_free_and_then_that_it_is_ours),
		cmocka_unit_test(what_changes_in_flight_is_not_taken_for_what_is_there),
		cmocka_unit_test(incarnations_are_read_as_the_registry_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
