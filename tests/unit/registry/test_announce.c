/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The registrar's thread is not started: work may be done before it runs. */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "engine.h"
#include "registry/announce.h"
#include "registry/registrar.h"
#include "registry/work.h"

#define OWNER "_dns-push-tls._tcp"

struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
	struct registry_announcements announced;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	kit_follow_clock(&f->w);
	f->registrar = kit_engine_registrar(&f->engine, &f->w.state);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	registry_registrar_stop(f->registrar);
	registry_announcements_fini(&f->announced);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static int announce(struct fixture *f, uint16_t port)
{
	return registry_announce(f->registrar, &f->announced, f->w.zone, port);
}

/* Adds or removes a record of the zone's own. */
static void edit(struct fixture *f, const char *owner, uint16_t type, const char *rdata,
		 size_t nbytes, bool is_added)
{
	struct zone_draft *d = registry_work_begin(f->registrar, f->w.zone);

	assert_non_null(d);
	if (is_added)
		zone_draft_add(d, kit_name(owner), type, 60, (const uint8_t *)rdata,
			       (uint16_t)nbytes);
	else
		zone_draft_remove(d, kit_name(owner), type, (const uint8_t *)rdata,
				  (uint16_t)nbytes);
	assert_int_equal(registry_work_commit(f->registrar, NULL), 1);
}

/* Returns the target of the first SRV at the name, and its port; NULL if there is none. */
static const uint8_t *target(struct fixture *f, unsigned *port)
{
	struct zone_draft *d = registry_work_begin(f->registrar, f->w.zone);
	static uint8_t rdata[512];
	struct zone_rrset rrset;
	bool is_there = zone_draft_find(d, kit_name(OWNER), DNS_TYPE_SRV, &rrset);

	if (is_there) {
		memcpy(rdata, rrset.data + 2, base_load16(rrset.data));
		*port = base_load16(rdata + 4);
	}
	registry_work_abort(f->registrar);
	return is_there ? rdata + 6 : NULL;
}

static void the_record_comes_and_goes_with_the_port(void **state)
{
	struct fixture *f = *state;
	unsigned port;

	assert_int_equal(announce(f, 0), 0);
	assert_int_equal(announce(f, 853), 1);
	assert_int_equal(announce(f, 853), 0);
	assert_non_null(target(f, &port));
	assert_int_equal(port, 853);
	assert_int_equal(announce(f, 8853), 1);
	assert_non_null(target(f, &port));
	assert_int_equal(port, 8853);
	assert_int_equal(kit_count(&f->w, OWNER, "SRV"), 1);
	assert_int_equal(announce(f, 0), 1);
	assert_null(target(f, &port));
	assert_int_equal(announce(f, 0), 0);
}

static void the_target_is_the_primary_if_it_has_an_address(void **state)
{
	struct fixture *f = *state;
	struct zone_draft *d = registry_work_begin(f->registrar, f->w.zone);
	struct zone_rrset rrset;
	uint8_t primary[DNS_NAME_MAX];
	unsigned port;

	assert_true(zone_draft_find(d, zone_name(f->w.zone), DNS_TYPE_SOA, &rrset));
	memcpy(primary, rrset.data + 2, dns_name_nbytes(rrset.data + 2));
	registry_work_abort(f->registrar);
	assert_int_equal(announce(f, 853), 1);
	assert_non_null(target(f, &port));
	d = registry_work_begin(f->registrar, f->w.zone);
	zone_draft_add(d, primary, DNS_TYPE_AAAA, 60,
		       (const uint8_t *)"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	registry_work_commit(f->registrar, NULL);
	announce(f, 853);
	assert_true(dns_name_equal(target(f, &port), primary));
}

static void a_record_of_the_zones_own_remains(void **state)
{
	static const char own[] = "\0\1\0\1\3\x55\3own\7example";
	struct fixture *f = *state;
	unsigned port;

	edit(f, OWNER, DNS_TYPE_SRV, own, sizeof(own), true);
	assert_int_equal(announce(f, 853), 0);
	assert_int_equal(kit_count(&f->w, OWNER, "SRV"), 1);
	assert_int_equal(announce(f, 0), 0);
	assert_non_null(target(f, &port));
	assert_int_equal(port, 853);
	edit(f, OWNER, DNS_TYPE_SRV, own, sizeof(own), false);
	assert_int_equal(announce(f, 853), 1);
	/* One that comes later replaces that of the registry. */
	edit(f, OWNER, DNS_TYPE_SRV, own, sizeof(own), true);
	assert_int_equal(kit_count(&f->w, OWNER, "SRV"), 2);
	assert_int_equal(announce(f, 853), 1);
	assert_int_equal(kit_count(&f->w, OWNER, "SRV"), 1);
	assert_int_equal(announce(f, 0), 0);
	assert_int_equal(kit_count(&f->w, OWNER, "SRV"), 1);
	/* Nor is there one beside an alias. */
	edit(f, OWNER, DNS_TYPE_SRV, own, sizeof(own), false);
	edit(f, OWNER, DNS_TYPE_CNAME, "\3own\7example", 13, true);
	assert_int_equal(announce(f, 853), 0);
}

static void what_was_made_is_known_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct registry_announcements after = {0};
	struct registry_announcement *one;
	struct store_item item = {.kind = STORE_ITEM_ANNOUNCED};

	assert_int_equal(announce(f, 853), 1);
	one = &f->announced.items[0];
	item.key = one->zone;
	item.nkey = (uint16_t)dns_name_nbytes(one->zone);
	item.bytes = one->rdata;
	item.nbytes = one->nbytes;
	assert_int_equal(registry_announce_read(&after, &item), 0);
	assert_int_equal(registry_announce(f->registrar, &after, f->w.zone, 0), 1);
	registry_announcements_fini(&after);
}

static void an_item_that_does_not_fit_is_refused(void **state)
{
	static const struct {
		uint8_t kind;
		const char *key;
		uint16_t nkey;
		const char *bytes;
		uint32_t nbytes;
		int ret;
	} rows[] = {
		{STORE_ITEM_NODE, "", 0, "", 0, 0},
		{STORE_ITEM_ANNOUNCED, "\1z", 3, "", 0, 0},
		{STORE_ITEM_ANNOUNCED, "\1z", 3, "\0\0\0\0\3\x55\1n", 9, 0},
		{STORE_ITEM_ANNOUNCED, "\1z", 2, "\0\0\0\0\3\x55\1n", 9, -EBADMSG},
		{STORE_ITEM_ANNOUNCED, "\1z", 3, "\0\0\0\0\3\x55\1n", 8, -EBADMSG},
		{STORE_ITEM_ANNOUNCED, "\1z", 3, "\0\0\0\0\3\x55", 6, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct registry_announcements a = {0};
		struct store_item item = {
			.kind = rows[i].kind,
			.key = (const uint8_t *)rows[i].key,
			.nkey = rows[i].nkey,
			.bytes = (const uint8_t *)rows[i].bytes,
			.nbytes = rows[i].nbytes,
		};

		assert_int_equal(registry_announce_read(&a, &item), rows[i].ret);
		registry_announcements_fini(&a);
	}
}

static void a_failed_commit_leaves_what_was_made(void **state)
{
	struct fixture *f = *state;
	unsigned port;

	f->engine.ret = -ENOSPC;
	assert_int_equal(announce(f, 853), -ENOSPC);
	assert_null(target(f, &port));
	f->engine.ret = 0;
	assert_int_equal(announce(f, 853), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_record_comes_and_goes_with_the_port, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_target_is_the_primary_if_it_has_an_address,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_of_the_zones_own_remains, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_made_is_known_after_a_restart, setup,
						teardown),
		cmocka_unit_test(an_item_that_does_not_fit_is_refused),
		cmocka_unit_test_setup_teardown(a_failed_commit_leaves_what_was_made, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
