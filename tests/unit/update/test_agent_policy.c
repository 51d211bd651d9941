/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "update/agent_policy.h"

#define WEB "web._http._tcp"
#define LEADER "_leader._cluster"
#define RUNS "_runs.n2.nodes"
#define EVENT "1-7._events._cluster"
#define DISK "disk-7._resources"

/* Each row continues from the one before. */
struct row {
	const char *key;
	uint32_t lease_s;
	const char *update;
	int rcode;
	const char *why; /* the result's text ends so */
};

static const char leaders[] = "is for the leader's key and the administrator",
		  admins[] = "is for the administrator to write",
		  only_txt[] = "is at a name that has TXT records only",
		  only_ptr[] = "is at a name that has PTR records only",
		  another[] = "is at the name of another node",
		  n1s[] = "belongs to key n1.keys.lab.cloud.",
		  free_soon[] = "is another node's until its lease ends";

static void assert_rows(struct kit_world *w, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		const char *text = w->result.text;
		size_t n = r->rcode == 0 ? 0 : strlen(r->why);

		assert_int_equal(kit_do(w, r->key, r->lease_s, 0, r->update), r->rcode);
		assert_true(strlen(text) >= n);
		if (n > 0)
			assert_string_equal(text + strlen(text) - n, r->why);
	}
}

#define ASSERT_ROWS(state, rows) assert_rows(state, rows, sizeof(rows) / sizeof(*(rows)))

static void the_leadership_is_its_holders_until_the_lease_ends(void **state)
{
	static const struct row rows[] = {
		{"n1", 0, "+ " LEADER " TXT node=n1", DNS_RCODE_REFUSED, "needs a lease"},
		{"n1", 3, "+ " LEADER " TXT node=n2", DNS_RCODE_REFUSED,
		 "needs the key's own node in node="},
		{"n1", 3, "+ " LEADER " TXT term=1", DNS_RCODE_REFUSED,
		 "needs the key's own node in node="},
		{"n1", 3, "+ " LEADER " A 10.0.0.1", DNS_RCODE_REFUSED, only_txt},
		{"n1", 3, "+ " LEADER " TXT node=N1", 0, ""},
		{"n1", 3, "+ " LEADER " TXT node=N1", 0, ""},
		{"n2", 3, "+ " LEADER " TXT node=n2", DNS_RCODE_YXDOMAIN, free_soon},
		{"n2", 3, "- " LEADER "; + " LEADER " TXT node=n2", DNS_RCODE_YXDOMAIN, free_soon},
		{"n2", 3, "- " LEADER, DNS_RCODE_YXDOMAIN, free_soon},
	};
	static const struct row later[] = {
		{"n2", 3, "+ " LEADER " TXT node=n2", 0, ""},
		{"n1", 3, "+ " LEADER " TXT node=N1", DNS_RCODE_YXDOMAIN, free_soon},
		/* The administrator's word decides whose it is. */
		{"admin", 0, "- " LEADER "; + " LEADER " TXT node=n1", 0, ""},
		{"n2", 3, "- " LEADER, DNS_RCODE_YXDOMAIN, free_soon},
		{"n1", 3, "- " LEADER, 0, ""},
	};
	struct kit_world *w = *state;

	w->rule.minimum_s = 30;
	ASSERT_ROWS(w, rows);
	assert_int_equal(kit_left_ms(w, LEADER, LEDGER_LEASE_RECORDS), 3000);
	kit_pass(w, 3000);
	assert_int_equal(kit_count(w, LEADER, "TXT"), 0);
	ASSERT_ROWS(w, later);
}

static void a_key_lease_does_not_keep_the_leadership(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 3, 1000, "+ " LEADER " TXT node=n1"), 0);
	kit_pass(w, 3000);
	assert_int_equal(kit_do(w, "n2", 3, 0, "+ " LEADER " TXT node=n2"), 0);
	assert_string_equal(kit_owner(w, LEADER), "n2");
}

static void only_the_leader_assigns_instances(void **state)
{
	static const struct row rows[] = {
		{"n1", 0, "+ " RUNS " PTR " WEB, DNS_RCODE_REFUSED, leaders},
		{"n2", 0, "+ " RUNS " PTR " WEB, DNS_RCODE_REFUSED, leaders},
		{"n1", 3, "+ " LEADER " TXT node=n1", 0, ""},
		{"n1", 0, "+ " RUNS " PTR " WEB, 0, ""},
		{"n1", 0, "+ " RUNS " TXT x", DNS_RCODE_REFUSED, only_ptr},
		{"n1", 0, "+ " RUNS " PTR n1.nodes", DNS_RCODE_REFUSED,
		 "points to no instance in the zone"},
		{"n2", 0, "- " RUNS, DNS_RCODE_REFUSED, leaders},
		{"n1", 0, "- " RUNS " PTR " WEB "; + _runs.n3.nodes PTR " WEB, 0, ""},
		{"admin", 0, "+ " RUNS " TXT x", 0, ""},
		{"n1", 0, "- " RUNS, DNS_RCODE_REFUSED, only_ptr},
	};
	struct kit_world *w = *state;

	ASSERT_ROWS(w, rows);
	kit_pass(w, 3000);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- _runs.n3.nodes"), DNS_RCODE_REFUSED);
}

static void a_refresh_of_what_only_the_leader_may_write_is_not_learned(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 10, 0, "+ " LEADER " TXT node=n1");
	assert_true(w->result.is_repeatable);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kit_do(w, "n1", 10, 0, "+ " RUNS " PTR " WEB), 0);
		assert_false(w->result.is_repeatable);
	}
}

static void the_names_that_a_node_holds_are_its_keys(void **state)
{
	static const struct row rows[] = {
		{"n1", 5, "+ web._names.n1.nodes TXT by=web-1", 0, ""},
		{"n1", 5, "+ web._names.n1.nodes A 10.0.0.1", DNS_RCODE_REFUSED, only_txt},
		{"n2", 5, "+ web._names.n1.nodes TXT by=web-1", DNS_RCODE_REFUSED, another},
		{"n2", 0, "- web._names.n1.nodes", DNS_RCODE_REFUSED, another},
		{"n1", 0, "- web._names.n1.nodes", 0, ""},
		{"n1", 0, "+ _names.n1.nodes TXT x", DNS_RCODE_REFUSED,
		 "is at a name that no node may change"},
	};

	ASSERT_ROWS(*state, rows);
}

static void what_an_instance_uses_is_its_owners_to_write(void **state)
{
	static const struct row rows[] = {
		{"n1", 5, "+ _uses." WEB " PTR db._pg._tcp", DNS_RCODE_REFUSED,
		 "is of an instance that is not registered"},
		{"n1", 5, "+ _uses." WEB " PTR db._pg._tcp; + " WEB " TXT a", 0, ""},
		{"n1", 5, "+ _uses." WEB " TXT x", DNS_RCODE_REFUSED, only_ptr},
		{"n2", 5, "+ _uses." WEB " PTR x._pg._tcp", DNS_RCODE_YXDOMAIN,
		 "is of an instance that belongs to key n1.keys.lab.cloud."},
		{"n2", 0, "- _uses." WEB, DNS_RCODE_YXDOMAIN,
		 "is of an instance that belongs to key n1.keys.lab.cloud."},
		{"n2", 5, "+ _uses.static._http._tcp PTR " WEB, DNS_RCODE_YXDOMAIN,
		 "is of an instance that belongs to the zone's administrator"},
	};
	struct kit_world *w = *state;

	ASSERT_ROWS(w, rows);
	assert_string_equal(kit_owner(w, "_uses." WEB), "n1");
	/* It is a part of the registration, and ends with it. */
	assert_int_equal(kit_left_ms(w, "db._pg._tcp", LEDGER_LEASE_RECORDS), -1);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 5000);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, "_uses." WEB, "PTR"), 0);
	assert_string_equal(kit_owner(w, "_uses." WEB), "");
}

static void what_is_shared_has_a_record_of_each_node(void **state)
{
	static const char shared[] = "is shared by other nodes", held[] = "does not share it";
	static const char own[] = "needs the key's own node in node=";
	static const struct row rows[] = {
		{"n1", 5, "+ " DISK " TXT node=n1|by=a|shared=yes", 0, ""},
		{"n2", 5, "+ " DISK " TXT node=n1|by=b|shared=yes", DNS_RCODE_REFUSED, own},
		{"n2", 9, "+ " DISK " TXT node=n2|by=b|shared=yes", 0, ""},
		{"n1", 5, "+ " DISK " TXT node=n1|by=a", DNS_RCODE_YXDOMAIN, shared},
		{"n2", 5, "+ " DISK " TXT node=n2|by=b", DNS_RCODE_YXDOMAIN, n1s},
		{"n1", 0, "- " DISK, DNS_RCODE_YXDOMAIN, shared},
		{"n2", 0, "- " DISK, DNS_RCODE_YXDOMAIN, n1s},
		{"n1", 0, "- " DISK " TXT node=n2|by=b|shared=yes", DNS_RCODE_YXDOMAIN, shared},
		{"n2", 0, "- " DISK " TXT node=n1|by=a|shared=yes", DNS_RCODE_YXDOMAIN, n1s},
		{"n1", 0, "- " DISK " TXT node=n1|by=a|shared=yes", 0, ""},
		{"n2", 9, "+ " DISK " TXT node=n2|by=b|shared=yes", 0, ""},
		{"n2", 0, "- " DISK, 0, ""},
		{"n2", 5, "+ " DISK " TXT node=n2|by=b", 0, ""},
		{"n2", 5, "+ " DISK " TXT node=n2|by=b|shared=yes", DNS_RCODE_YXDOMAIN, held},
		{"n1", 5, "+ " DISK " TXT node=n1|by=b|shared=yes", DNS_RCODE_YXDOMAIN,
		 "belongs to key n2.keys.lab.cloud."},
	};
	struct kit_world *w = *state;

	ASSERT_ROWS(w, rows);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, DISK, "TXT"), 0);
	assert_int_equal(kit_do(w, "n1", 5, 0, "+ " DISK " TXT node=n1|by=a|shared=yes"), 0);
	assert_int_equal(kit_do(w, "n2", 9, 0, "+ " DISK " TXT node=n2|by=b|shared=yes"), 0);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, DISK, "TXT"), 1);
	kit_pass(w, 4000);
	assert_string_equal(kit_owner(w, DISK), "");
}

static void resources_and_sessions_belong_to_the_key_that_came_first(void **state)
{
	static const struct row rows[] = {
		{"n1", 5, "+ " DISK " TXT by=a; + 4711._sessions TXT of=a", 0, ""},
		{"n2", 5, "+ " DISK " TXT by=b", DNS_RCODE_YXDOMAIN, n1s},
		{"n2", 5, "- 4711._sessions", DNS_RCODE_YXDOMAIN, n1s},
		{"n1", 5, "+ " DISK " PTR " WEB, DNS_RCODE_REFUSED, only_txt},
		{"n1", 0, "- " DISK, 0, ""},
		{"n2", 5, "+ " DISK " TXT by=b", 0, ""},
	};
	struct kit_world *w = *state;

	ASSERT_ROWS(w, rows);
	kit_pass(w, 5000);
	assert_string_equal(kit_owner(w, "4711._sessions"), "");
	assert_int_equal(kit_do(w, "n2", 5, 0, "+ 4711._sessions TXT of=b"), 0);
}

static void an_event_is_written_once(void **state)
{
	static const char writers[] = "is for the leader's key and that of the node in node=",
			  n2s[] = "was written by key n2.keys.lab.cloud.";
	static const struct row rows[] = {
		{"n1", 0, "+ " EVENT " TXT node=n2", DNS_RCODE_REFUSED, writers},
		{"n2", 0, "+ " EVENT " A 10.0.0.1", DNS_RCODE_REFUSED, only_txt},
		{"n2", 0, "+ " EVENT " TXT node=n2", 0, ""},
		{"n1", 0, "+ " EVENT " TXT node=n1", DNS_RCODE_YXDOMAIN, n2s},
		{"n1", 0, "- " EVENT, DNS_RCODE_YXDOMAIN, n2s},
		{"n1", 3, "+ " LEADER " TXT node=n1", 0, ""},
		{"n1", 0, "+ 1-8._events._cluster TXT node=n3", 0, ""},
		{"n1", 0, "+ " EVENT " TXT node=n1", DNS_RCODE_YXDOMAIN, n2s},
		{"n1", 0, "- " EVENT "; + " EVENT " TXT node=n1", DNS_RCODE_YXDOMAIN, n2s},
		{"n3", 0, "+ 1-8._events._cluster TXT node=n3", DNS_RCODE_YXDOMAIN,
		 "was written by key n1.keys.lab.cloud."},
		/* The leader prunes the history. */
		{"n1", 0, "- " EVENT, 0, ""},
	};

	ASSERT_ROWS(*state, rows);
}

static void declarations_are_the_administrators(void **state)
{
	static const char *const names[] = {"_spec." WEB, "http._schemas", "_rules._cluster"};
	struct kit_world *w = *state;
	char text[100];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct row rows[] = {
			{"admin", 0, strcat(strcpy(text, "+ "), names[i]), 0, ""},
		};
		const char *why = w->result.text;

		strcat(text, " TXT {}");
		ASSERT_ROWS(w, rows);
		assert_int_equal(kit_do(w, "n1", 0, 0, text), DNS_RCODE_REFUSED);
		assert_string_equal(why + strlen(why) - strlen(admins), admins);
		text[0] = '-';
		assert_int_equal(kit_do(w, "n1", 0, 0, text), DNS_RCODE_REFUSED);
	}
}

static void the_least_lease_is_shorter_for_a_node(void **state)
{
	static const struct {
		const char *update, *name;
		int64_t left_ms;
	} rows[] = {
		{"+ n1.nodes A 10.0.0.1", "n1.nodes", 3000},
		{"+ _acme-challenge.n1.nodes TXT a", "_acme-challenge.n1.nodes", 30000},
		{"+ n1.nodes A 10.0.0.1; + " WEB " TXT a", "n1.nodes", 30000},
		{"+ n1.nodes A 10.0.0.1; + " LEADER " TXT node=n1", LEADER, 3000},
		{"+ " DISK " TXT a", DISK, 30000},
	};
	struct kit_world *w = *state;

	w->rule.minimum_s = 30;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, "n1", 1, 0, rows[i].update), 0);
		assert_int_equal(kit_left_ms(w, rows[i].name, LEDGER_LEASE_RECORDS),
				 rows[i].left_ms);
	}
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(the_leadership_is_its_holders_until_the_lease_ends),
		WORLD(a_key_lease_does_not_keep_the_leadership),
		WORLD(only_the_leader_assigns_instances),
		WORLD(a_refresh_of_what_only_the_leader_may_write_is_not_learned),
		WORLD(the_names_that_a_node_holds_are_its_keys),
		WORLD(what_an_instance_uses_is_its_owners_to_write),
		WORLD(what_is_shared_has_a_record_of_each_node),
		WORLD(resources_and_sessions_belong_to_the_key_that_came_first),
		WORLD(an_event_is_written_once),
		WORLD(declarations_are_the_administrators),
		WORLD(the_least_lease_is_shorter_for_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
