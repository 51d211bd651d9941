/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

#include "push/change.h"
#include "push/delivery.h"

#include "../memory.h"

#define HEAD "$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n"

enum { SESSIONS = 8 };

/* A zone, an index, and sessions that remember what they got. */
struct world {
	struct zone *zone;
	struct push_index *index;
	struct push_delivery *delivery;
	struct session {
		struct push_subscriber subscriber; /* first */
		struct push_messages *message;	   /* the last one */
		unsigned n;			   /* of them */
	} session[SESSIONS];
};

static void send(void *arg, struct push_subscriber *s, struct push_messages *m)
{
	struct session *session = (struct session *)s;

	(void)arg;
	push_messages_release(session->message);
	session->message = push_messages_acquire(m);
	session->n++;
}

static void world_begin(struct world *w, const char *text)
{
	memset(w, 0, sizeof(*w));
	w->zone = kit_zone("lab.cloud.", text);
	w->index = push_index_new(64);
	w->delivery = push_delivery_new(w->index, send, w);
}

static void world_end(struct world *w)
{
	push_delivery_free(w->delivery);
	for (unsigned i = 0; i < SESSIONS; i++) {
		push_index_clear(w->index, &w->session[i].subscriber);
		push_messages_release(w->session[i].message);
	}
	push_index_free(w->index);
	kit_zone_end(w->zone);
}

static struct push_subscription *subscribe(struct world *w, unsigned session, const char *name,
					   uint16_t type)
{
	struct push_question q = {w->zone, 0, kit_name(name), type, DNS_CLASS_IN};

	return push_index_add(w->index, &w->session[session].subscriber, &q, 1,
			      zone_snapshot_version(zone_current(w->zone)));
}

/* Removes the records that follow "-" in `text`, adds the others, each a line. */
static void edit(struct zone_draft *d, const char *text)
{
	while (*text != '\0') {
		const char *end = strchr(text, '\n') + 1;
		char *line = strndup(text, (size_t)(end - text)), owner[64], type[16];

		if (*line == '-') {
			uint16_t number;

			assert_int_equal(sscanf(line, "-%63s %15s", owner, type), 2);
			if (dns_type_from_text(&number, type, strlen(type)))
				zone_draft_remove_rrset(d, kit_name(owner), number);
		} else {
			kit_add(d, line);
		}
		free(line);
		text = end;
	}
}

/* Makes the draft the current version of the zone. Returns the change. */
static struct push_change *commit(struct world *w, struct zone_draft *d)
{
	struct zone_changeset changes;
	struct push_change *c;

	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_show(d);
	c = push_change_new(w->zone, zone_snapshot_version(zone_current(w->zone)), &changes, 0);
	zone_draft_finish(d);
	return c;
}

/* Makes the next version of the zone. Returns the change. */
static struct push_change *change(struct world *w, const char *text)
{
	struct zone_draft *d = zone_draft_new(w->zone);

	edit(d, text);
	return commit(w, d);
}

static int step(struct world *w, uint64_t nlooks)
{
	struct base_budget budget = {nlooks};

	return push_delivery_step(w->delivery, zone_current(w->zone), &budget);
}

static void deliver(struct world *w, struct push_change *c)
{
	push_delivery_begin(w->delivery, c);
	assert_int_equal(step(w, UINT64_MAX), 1);
	assert_null(push_delivery_change(w->delivery));
}

static void forget(struct world *w)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		push_messages_release(w->session[i].message);
		w->session[i].message = NULL;
		w->session[i].n = 0;
	}
}

static void expect(const struct world *w, unsigned session, const char *text)
{
	assert_int_equal(w->session[session].n, *text != '\0');
	kit_expect(w->session[session].message, text);
}

/* ---- what is sent ---- */

static void changes_are_told_by_their_net_effect(void **state)
{
	static const struct {
		const char *zone, *change;
		uint16_t type; /* subscribed to at web.lab.cloud. */
		const char *text;
	} cases[] = {
		/* a record is added */
		{"", "web 60 A 192.0.2.1\n", DNS_TYPE_A, "web.lab.cloud. 60 A 192.0.2.1\n"},
		{"", "Web 60 A 192.0.2.1\n", DNS_TYPE_ANY, "Web.lab.cloud. 60 A 192.0.2.1\n"},
		/* of another type, at another name */
		{"", "web 60 A 192.0.2.1\n", DNS_TYPE_AAAA, ""},
		{"", "www 60 A 192.0.2.1\n", DNS_TYPE_A, ""},
		{"", "a.web 60 A 192.0.2.1\n", DNS_TYPE_A, ""},
		{"", "* 60 A 192.0.2.1\n", DNS_TYPE_A, ""},
		/* removed, but not the last one */
		{"web A 192.0.2.1\nweb A 192.0.2.2\n", "-web.lab.cloud. A\nweb 3600 A 192.0.2.2\n",
		 DNS_TYPE_A, "web.lab.cloud. - A 192.0.2.1\n"},
		/* the last one of the type, but not of the name */
		{"web A 192.0.2.1\nweb A 192.0.2.2\nweb TXT x\n", "-web.lab.cloud. A\n", DNS_TYPE_A,
		 "web.lab.cloud. -- A\n"},
		{"web A 192.0.2.1\nweb TXT x\n", "-web.lab.cloud. A\n", DNS_TYPE_ANY,
		 "web.lab.cloud. -- A\n"},
		/* the name, of which the subscriber sees one type or all */
		{"web A 192.0.2.1\nweb TXT x\n", "-web.lab.cloud. A\n-web.lab.cloud. TXT\n",
		 DNS_TYPE_A, "web.lab.cloud. -- A\n"},
		{"web A 192.0.2.1\nweb TXT x\n", "-web.lab.cloud. A\n-web.lab.cloud. TXT\n",
		 DNS_TYPE_ANY, "web.lab.cloud. -- ANY\n"},
		{"web A 192.0.2.1\n", "-web.lab.cloud. A\n", DNS_TYPE_ANY, "web.lab.cloud. -- A\n"},
		/* two of three types */
		{"web A 192.0.2.1\nweb TXT x\nweb AAAA ::1\n",
		 "-web.lab.cloud. A\n-web.lab.cloud. TXT\n", DNS_TYPE_ANY,
		 "web.lab.cloud. -- A\nweb.lab.cloud. -- TXT\n"},
		/* another TTL */
		{"web 60 A 192.0.2.1\nweb 60 A 192.0.2.2\n", "web 30 A 192.0.2.2\n", DNS_TYPE_A,
		 "web.lab.cloud. 30 A 192.0.2.1\nweb.lab.cloud. 30 A 192.0.2.2\n"},
		/* another TTL, one record less and one more */
		{"web 60 A 192.0.2.1\nweb 60 A 192.0.2.2\n",
		 "-web.lab.cloud. A\nweb 30 A 192.0.2.2\nweb 30 A 192.0.2.3\n", DNS_TYPE_A,
		 "web.lab.cloud. - A 192.0.2.1\nweb.lab.cloud. 30 A 192.0.2.2\n"
		 "web.lab.cloud. 30 A 192.0.2.3\n"},
		/* replaced: removals precede additions */
		{"web A 192.0.2.9\nweb AAAA ::1\n",
		 "-web.lab.cloud. A\nweb 5 A 192.0.2.1\n-web.lab.cloud. AAAA\n", DNS_TYPE_ANY,
		 "web.lab.cloud. - A 192.0.2.9\nweb.lab.cloud. -- AAAA\n"
		 "web.lab.cloud. 5 A 192.0.2.1\n"},
		/* another spelling of the name: the records are the same */
		{"web A 192.0.2.1\n", "-web.lab.cloud. A\nWEB 3600 A 192.0.2.1\n", DNS_TYPE_A, ""},
		/* another spelling of the data */
		{"web PTR www\n", "-web.lab.cloud. PTR\nweb 3600 PTR WWW\n", DNS_TYPE_PTR,
		 "web.lab.cloud. 3600 PTR WWW.lab.cloud.\n"},
		/* an alias is every type's */
		{"", "web 60 CNAME www\n", DNS_TYPE_A, "web.lab.cloud. 60 CNAME www.lab.cloud.\n"},
		{"web A 192.0.2.1\n", "-web.lab.cloud. A\nweb 60 CNAME www\n", DNS_TYPE_A,
		 "web.lab.cloud. -- A\nweb.lab.cloud. 60 CNAME www.lab.cloud.\n"},
		{"web A 192.0.2.1\n", "-web.lab.cloud. A\nweb 60 CNAME www\n", DNS_TYPE_CNAME,
		 "web.lab.cloud. 60 CNAME www.lab.cloud.\n"},
		{"web CNAME www\n", "-web.lab.cloud. CNAME\n", DNS_TYPE_TXT,
		 "web.lab.cloud. -- CNAME\n"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world w;
		char *text;

		assert_true(asprintf(&text, HEAD "%s", cases[i].zone) > 0);
		world_begin(&w, text);
		free(text);
		subscribe(&w, 0, "web.lab.cloud.", cases[i].type);
		deliver(&w, change(&w, cases[i].change));
		expect(&w, 0, cases[i].text);
		world_end(&w);
	}
}

static void the_soa_changes_with_each_commit(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "lab.cloud.", DNS_TYPE_SOA);
	deliver(&w, change(&w, "web 60 A 192.0.2.1\n"));
	expect(&w, 0,
	       "lab.cloud. - SOA ns.lab.cloud. hostmaster.lab.cloud. 1 2 3 4 5\n"
	       "lab.cloud. 3600 SOA ns.lab.cloud. hostmaster.lab.cloud. 2 2 3 4 5\n");
	world_end(&w);
}

static void a_wildcard_is_literal(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "*.lab.cloud.", DNS_TYPE_A);
	deliver(&w, change(&w, "web 60 A 192.0.2.1\n"));
	expect(&w, 0, "");
	deliver(&w, change(&w, "* 60 A 192.0.2.1\n"));
	expect(&w, 0, "*.lab.cloud. 60 A 192.0.2.1\n");
	world_end(&w);
}

/* ---- to which sessions ---- */

static void one_message_has_all_that_concerns_a_session(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD "a A 192.0.2.1\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_ANY); /* the same records */
	subscribe(&w, 0, "b.lab.cloud.", DNS_TYPE_TXT);
	subscribe(&w, 1, "b.lab.cloud.", DNS_TYPE_A);
	subscribe(&w, 1, "b.lab.cloud.", DNS_TYPE_TXT);
	subscribe(&w, 2, "c.lab.cloud.", DNS_TYPE_ANY);
	deliver(&w, change(&w, "-a.lab.cloud. A\nb 60 A 192.0.2.2\nb 60 TXT x\nb 60 AAAA ::1\n"));
	expect(&w, 0, "a.lab.cloud. -- A\nb.lab.cloud. 60 TXT \"x\"\n");
	expect(&w, 1, "b.lab.cloud. 60 A 192.0.2.2\nb.lab.cloud. 60 TXT \"x\"\n");
	expect(&w, 2, "");
	world_end(&w);
}

static void two_types_of_a_name_that_is_gone_are_removed_as_one(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD "i SRV 0 0 80 n\ni TXT x\ni AAAA ::1\n");
	subscribe(&w, 0, "i.lab.cloud.", DNS_TYPE_SRV);
	subscribe(&w, 0, "i.lab.cloud.", DNS_TYPE_TXT);
	subscribe(&w, 1, "i.lab.cloud.", DNS_TYPE_SRV);
	deliver(&w, change(&w, "-i.lab.cloud. SRV\n-i.lab.cloud. TXT\n-i.lab.cloud. AAAA\n"));
	expect(&w, 0, "i.lab.cloud. -- ANY\n");
	expect(&w, 1, "i.lab.cloud. -- SRV\n");
	world_end(&w);
}

static void the_same_bytes_are_written_once(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	for (unsigned i = 0; i < SESSIONS; i++) {
		subscribe(&w, i, "a.lab.cloud.", i % 2 == 0 ? DNS_TYPE_A : DNS_TYPE_ANY);
		if (i >= 4)
			subscribe(&w, i, "b.lab.cloud.", DNS_TYPE_A);
	}
	deliver(&w, change(&w, "b 60 A 192.0.2.2\na 60 A 192.0.2.1\n"));
	for (unsigned i = 0; i < SESSIONS; i++)
		assert_ptr_equal(w.session[i].message, w.session[i < 4 ? 0 : 4].message);
	assert_ptr_not_equal(w.session[0].message, w.session[4].message);
	assert_int_equal(push_delivery_stats(w.delivery)->nencoded, 2);
	assert_int_equal(push_delivery_stats(w.delivery)->nshared, 6);
	world_end(&w);
}

static void a_subscription_that_has_seen_the_version_is_passed_over(void **state)
{
	struct push_change *c;
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	c = change(&w, "a 60 A 192.0.2.1\n");
	subscribe(&w, 1, "a.lab.cloud.", DNS_TYPE_A);
	deliver(&w, c);
	expect(&w, 0, "a.lab.cloud. 60 A 192.0.2.1\n");
	expect(&w, 1, "");
	deliver(&w, change(&w, "-a.lab.cloud. A\n"));
	expect(&w, 1, "a.lab.cloud. -- A\n");
	world_end(&w);
}

/* A client applies changes that match any of its subscriptions, so it needs those after them,
 * too. */
static void what_one_subscription_was_told_is_gone_on_with_for_another(void **state)
{
	struct push_change *added, *removed;
	struct push_subscription *first;
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	first = subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_ANY);
	added = change(&w, "a 60 A 192.0.2.1\n");
	removed = change(&w, "-a.lab.cloud. A\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	deliver(&w, added);
	expect(&w, 0, "a.lab.cloud. 60 A 192.0.2.1\n");
	push_index_remove(w.index, first);
	forget(&w);
	deliver(&w, removed);
	expect(&w, 0, "a.lab.cloud. -- A\n");
	world_end(&w);
}

static void a_subscription_made_in_a_delivery_is_told_what_follows_it(void **state)
{
	struct push_subscription *first;
	struct push_change *removed;
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	first = subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	push_delivery_begin(w.delivery, change(&w, "a 60 A 192.0.2.1\n"));
	removed = change(&w, "-a.lab.cloud. A\n");
	while (w.session[0].subscriber.set == NULL)
		assert_int_equal(step(&w, 1), 0);
	push_index_remove(w.index, first);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	assert_int_equal(step(&w, UINT64_MAX), 1);
	expect(&w, 0, "a.lab.cloud. 60 A 192.0.2.1\n");
	forget(&w);
	deliver(&w, removed);
	expect(&w, 0, "a.lab.cloud. -- A\n");
	world_end(&w);
}

/* The removal of all types at a name comes after what a new subscription to another type got. */
static void what_the_removal_of_a_name_undoes_of_a_new_subscription_is_told_again(void **state)
{
	unsigned nundone = 0;

	(void)state;
	for (unsigned nsteps = 0;; nsteps++) {
		struct push_change *added;
		bool is_new, is_undone;
		struct world w;
		char *text;
		int ret = 0;

		world_begin(&w, HEAD "a A 192.0.2.1\na AAAA ::1\n");
		subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
		subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_AAAA);
		push_delivery_begin(w.delivery,
				    change(&w, "-a.lab.cloud. A\n-a.lab.cloud. AAAA\n"));
		for (unsigned i = 0; i < nsteps && ret == 0; i++)
			ret = step(&w, 1);
		is_new = w.session[0].n == 0;
		added = change(&w, "a 60 TXT x\n");
		subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_TXT);
		subscribe(&w, 1, "a.lab.cloud.", DNS_TYPE_TXT);
		assert_int_equal(step(&w, UINT64_MAX), 1);
		text = kit_text(w.session[0].message);
		is_undone = is_new && strcmp(text, "a.lab.cloud. -- ANY\n") == 0;
		nundone += is_undone;
		free(text);
		forget(&w);
		deliver(&w, added);
		if (is_undone)
			expect(&w, 0, "a.lab.cloud. 60 TXT \"x\"\n");
		expect(&w, 1, "");
		world_end(&w);
		if (ret == 1)
			break;
	}
	assert_true(nundone > 3);
}

static void another_zone_with_the_name_is_not_matched(void **state)
{
	struct push_change *c;
	struct world w, other;

	(void)state;
	world_begin(&w, HEAD);
	world_begin(&other, HEAD);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	c = change(&other, "a 60 A 192.0.2.1\n");
	push_delivery_begin(w.delivery, c);
	assert_int_equal(step(&w, UINT64_MAX), 1);
	expect(&w, 0, "");
	world_end(&other);
	world_end(&w);
}

static void a_change_that_others_have_followed_is_told_record_by_record(void **state)
{
	struct push_change *first, *second;
	struct world w;

	(void)state;
	world_begin(&w, HEAD "a A 192.0.2.1\na A 192.0.2.2\na TXT x\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_ANY);
	first = change(&w, "-a.lab.cloud. A\na 60 A 192.0.2.2\n");
	second = change(&w, "-a.lab.cloud. A\n-a.lab.cloud. TXT\n");
	deliver(&w, first);
	expect(&w, 0, "a.lab.cloud. - A 192.0.2.1\na.lab.cloud. 60 A 192.0.2.2\n");
	forget(&w);
	deliver(&w, second);
	expect(&w, 0, "a.lab.cloud. -- ANY\n");
	forget(&w);
	first = change(&w, "a 60 A 192.0.2.1\n");
	deliver(&w, first);
	forget(&w);
	first = change(&w, "-a.lab.cloud. A\n");
	second = change(&w, "a 60 A 192.0.2.7\n");
	deliver(&w, first); /* whether more records were left cannot be known any more */
	expect(&w, 0, "a.lab.cloud. - A 192.0.2.1\n");
	push_change_release(second);
	world_end(&w);
}

static void a_zone_that_is_gone_removes_record_by_record(void **state)
{
	struct base_budget budget = {UINT64_MAX};
	struct world w;

	(void)state;
	world_begin(&w, HEAD "a A 192.0.2.1\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	push_delivery_begin(w.delivery, change(&w, "-a.lab.cloud. A\n"));
	assert_int_equal(push_delivery_step(w.delivery, NULL, &budget), 1);
	expect(&w, 0, "a.lab.cloud. - A 192.0.2.1\n");
	world_end(&w);
}

/* ---- records that no message can hold ---- */

static const uint8_t *oversized(void)
{
	static uint8_t rdata[DNS_DSO_PUSH_MAX];

	memset(rdata, 'x', sizeof(rdata));
	for (unsigned i = 0; i < sizeof(rdata); i += 256)
		rdata[i] = i + 255 < sizeof(rdata) ? 255 : (uint8_t)(sizeof(rdata) - i - 1);
	return rdata;
}

/* Makes the next version of the zone: the text is an edit, and the TXT record of a.lab.cloud. that
 * no message can hold is added ('+'), removed ('-') or left. Returns the change. */
static struct push_change *change_oversized(struct world *w, char what, const char *text)
{
	struct zone_draft *d = zone_draft_new(w->zone);
	const uint8_t *owner;

	edit(d, text);
	owner = kit_name("a.lab.cloud.");
	if (what == '+')
		zone_draft_add(d, owner, DNS_TYPE_TXT, 60, oversized(), DNS_DSO_PUSH_MAX);
	else if (what == '-')
		zone_draft_remove(d, owner, DNS_TYPE_TXT, oversized(), DNS_DSO_PUSH_MAX);
	return commit(w, d);
}

static void an_oversized_record_leaves_a_subscriber_the_others_of_its_rrset(void **state)
{
	static const char all[] = "a.lab.cloud. -- TXT\n"
				  "a.lab.cloud. 60 TXT \"x\"\na.lab.cloud. 60 TXT \"y\"\n";
	struct world w;

	(void)state;
	world_begin(&w, HEAD "a A 192.0.2.1\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_TXT);
	deliver(&w, change_oversized(&w, '+', "a 60 TXT y\na 60 TXT x\n"));
	expect(&w, 0, all);
	forget(&w);
	deliver(&w, change_oversized(&w, '-', ""));
	expect(&w, 0, all);
	forget(&w);
	deliver(&w, change_oversized(&w, '+', ""));
	expect(&w, 0, all);
	assert_int_equal(push_delivery_stats(w.delivery)->noversized, 2);
	forget(&w);
	/* A change of the others alone does not announce it again. */
	deliver(&w, change_oversized(&w, ' ', "a 60 TXT z\n"));
	expect(&w, 0, "a.lab.cloud. 60 TXT \"z\"\n");
	forget(&w);
	deliver(&w, change(&w, "-a.lab.cloud. TXT\n"));
	expect(&w, 0, "a.lab.cloud. -- TXT\n");
	world_end(&w);
}

/* What the subscriber gets is newer than the change, and the next one repeats it. */
static void the_others_of_an_oversized_record_are_those_of_now(void **state)
{
	struct push_change *first, *second;
	struct world w;

	(void)state;
	world_begin(&w, HEAD "a 60 TXT x\n");
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_ANY);
	first = change_oversized(&w, '+', "");
	second = change(&w, "a 60 TXT y\n");
	deliver(&w, first);
	expect(&w, 0,
	       "a.lab.cloud. -- TXT\n"
	       "a.lab.cloud. 60 TXT \"x\"\na.lab.cloud. 60 TXT \"y\"\n");
	forget(&w);
	deliver(&w, second);
	expect(&w, 0, "a.lab.cloud. 60 TXT \"y\"\n");
	world_end(&w);
}

static void an_oversized_record_of_a_zone_that_is_gone_is_removed(void **state)
{
	struct base_budget budget = {UINT64_MAX};
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_TXT);
	push_delivery_begin(w.delivery, change_oversized(&w, '+', "a 60 TXT x\n"));
	assert_int_equal(push_delivery_step(w.delivery, NULL, &budget), 1);
	expect(&w, 0, "a.lab.cloud. -- TXT\n");
	world_end(&w);
}

static void a_delegation_is_noticed(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	deliver(&w, change(&w, "a 60 A 192.0.2.1\n@ 60 NS ns2\n"));
	assert_false(push_delivery_has_delegated(w.delivery));
	deliver(&w, change(&w, "a 60 NS ns2\n"));
	assert_true(push_delivery_has_delegated(w.delivery));
	deliver(&w, change(&w, "-a.lab.cloud. NS\n"));
	assert_false(push_delivery_has_delegated(w.delivery));
	world_end(&w);
}

/* ---- in slices ---- */

/* Adds or removes PTRs and TXTs so that each of two names has many changes. */
static struct push_change *large_change(struct world *w, unsigned from, unsigned to)
{
	struct zone_draft *d = zone_draft_new(w->zone);

	zone_draft_remove_rrset(d, kit_name("a.lab.cloud."), DNS_TYPE_PTR);
	zone_draft_remove_rrset(d, kit_name("b.lab.cloud."), DNS_TYPE_PTR);
	for (unsigned i = from; i < to; i++) {
		char text[64];
		const uint8_t *target;

		snprintf(text, sizeof(text), "target%u.lab.cloud.", i);
		target = kit_name(text);
		for (const char *owner = "a"; owner != NULL; owner = *owner == 'a' ? "b" : NULL) {
			snprintf(text, sizeof(text), "%s.lab.cloud.", owner);
			zone_draft_add(d, kit_name(text), DNS_TYPE_PTR, 60, target,
				       (uint16_t)dns_name_nbytes(target));
		}
	}
	return commit(w, d);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* In each case the last removal precedes the first addition. */
static void a_large_change_is_told_in_several_messages(void **state)
{
	enum { N = 3000 };
	struct world w;
	char *text, *added, *removed;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_PTR);
	subscribe(&w, 0, "b.lab.cloud.", DNS_TYPE_ANY);
	deliver(&w, large_change(&w, 0, N));
	text = kit_text(w.session[0].message);
	assert_int_equal(count(text, " 60 PTR "), 2 * N);
	assert_true(w.session[0].message->count > 1);
	free(text);
	deliver(&w, large_change(&w, N / 2, N + N / 2));
	text = kit_text(w.session[0].message);
	assert_int_equal(count(text, " 60 PTR "), N);
	assert_int_equal(count(text, " - PTR "), N);
	added = strstr(text, " 60 PTR ");
	for (removed = text; strstr(removed + 1, " - PTR ") != NULL;)
		removed = strstr(removed + 1, " - PTR ");
	assert_true(removed < added);
	free(text);
	deliver(&w, large_change(&w, 0, 0));
	kit_expect(w.session[0].message, "a.lab.cloud. -- PTR\nb.lab.cloud. -- PTR\n");
	world_end(&w);
}

/* Whatever the size of a slice, and whatever happens in between. */
static void slices_change_nothing(void **state)
{
	(void)state;
	for (unsigned nlooks = 1; nlooks < 60; nlooks++) {
		unsigned nsteps = 0;
		struct world w;
		int ret;

		world_begin(&w, HEAD "a A 192.0.2.1\na TXT x\nb A 192.0.2.1\nb A 192.0.2.2\n");
		for (unsigned i = 0; i < SESSIONS; i++) {
			subscribe(&w, i, "a.lab.cloud.", DNS_TYPE_ANY);
			subscribe(&w, i, "b.lab.cloud.", DNS_TYPE_A);
		}
		push_delivery_begin(w.delivery, change(&w, "-a.lab.cloud. A\n-a.lab.cloud. TXT\n"
							   "b 60 A 192.0.2.3\n"));
		while ((ret = step(&w, nlooks)) == 0)
			nsteps++;
		assert_int_equal(ret, 1);
		assert_true(nlooks > 20 || nsteps > 1);
		for (unsigned i = 0; i < SESSIONS; i++)
			expect(&w, i,
			       "a.lab.cloud. -- ANY\nb.lab.cloud. 60 A 192.0.2.1\n"
			       "b.lab.cloud. 60 A 192.0.2.2\nb.lab.cloud. 60 A 192.0.2.3\n");
		world_end(&w);
	}
}

static void sessions_may_end_in_the_middle_of_a_delivery(void **state)
{
	(void)state;
	for (unsigned nsteps = 0;; nsteps++) {
		struct world w;
		int ret = 0;

		world_begin(&w, HEAD);
		for (unsigned i = 0; i < SESSIONS; i++) {
			subscribe(&w, i, "a.lab.cloud.", i % 2 == 0 ? DNS_TYPE_A : DNS_TYPE_ANY);
			subscribe(&w, i, "b.lab.cloud.", DNS_TYPE_A);
		}
		push_delivery_begin(w.delivery, change(&w, "a 60 A 192.0.2.1\nb 60 A 192.0.2.2\n"));
		for (unsigned i = 0; i < nsteps && ret == 0; i++)
			ret = step(&w, 1);
		for (unsigned i = 0; i < SESSIONS; i++) {
			if (i == 5)
				continue;
			push_delivery_forget(&w.session[i].subscriber);
			push_index_clear(w.index, &w.session[i].subscriber);
		}
		/* A new one has the version already. */
		subscribe(&w, 2, "a.lab.cloud.", DNS_TYPE_AAAA);
		subscribe(&w, 2, "b.lab.cloud.", DNS_TYPE_A);
		if (ret == 1) {
			world_end(&w);
			break;
		}
		while (step(&w, 3) == 0)
			;
		expect(&w, 5, "a.lab.cloud. 60 A 192.0.2.1\nb.lab.cloud. 60 A 192.0.2.2\n");
		world_end(&w);
	}
}

static void a_name_without_subscriptions_left_goes_with_the_delivery(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, HEAD);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
	push_delivery_begin(w.delivery, change(&w, "a 60 A 192.0.2.1\n"));
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(step(&w, 1), 0);
	push_index_clear(w.index, &w.session[0].subscriber);
	assert_int_equal(step(&w, UINT64_MAX), 1);
	expect(&w, 0, "");
	assert_int_equal(push_index_count(w.index), 0);
	world_end(&w);
}

static void a_name_may_change_in_more_than_64_types(void **state)
{
	enum { N = 100 };
	struct zone_limits limits = ZONE_LIMITS_DEFAULT;
	struct zone_draft *d;
	struct world w;
	char *text;

	(void)state;
	world_begin(&w, HEAD);
	limits.rrsets = N;
	zone_set_limits(w.zone, &limits);
	subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_ANY);
	subscribe(&w, 1, "a.lab.cloud.", 65280 + N - 1);
	for (unsigned round = 0; round < 2; round++) {
		d = zone_draft_new(w.zone);
		for (unsigned i = 0; i < N; i++)
			if (round == 0)
				zone_draft_add(d, kit_name("a.lab.cloud."), (uint16_t)(65280 + i),
					       60, (const uint8_t *)"x", 1);
			else
				zone_draft_remove_rrset(d, kit_name("a.lab.cloud."),
							(uint16_t)(65280 + i));
		deliver(&w, commit(&w, d));
		text = kit_text(w.session[0].message);
		assert_int_equal(count(text, "\n"), N);
		free(text);
		text = kit_text(w.session[1].message);
		assert_int_equal(count(text, "\n"), 1);
		free(text);
		forget(&w);
	}
	world_end(&w);
}

static void short_memory_drops_the_change_and_says_so(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct push_change *c;
		struct world w;
		int ret;

		world_begin(&w, HEAD);
		subscribe(&w, 0, "a.lab.cloud.", DNS_TYPE_A);
		subscribe(&w, 1, "b.lab.cloud.", DNS_TYPE_ANY);
		c = change(&w, "a 60 A 192.0.2.1\nb 60 A 192.0.2.2\n");
		memory_fail_after(n);
		push_delivery_begin(w.delivery, c);
		ret = step(&w, UINT64_MAX);
		memory_pause();
		assert_null(push_delivery_change(w.delivery));
		assert_null(w.session[0].subscriber.set);
		if (!memory_has_failed()) {
			assert_int_equal(ret, 1);
			world_end(&w);
			break;
		}
		assert_int_equal(ret, -ENOMEM);
		forget(&w);
		deliver(&w, change(&w, "a 60 A 192.0.2.2\n"));
		expect(&w, 0, "a.lab.cloud. 60 A 192.0.2.2\n");
		world_end(&w);
	}
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_told_by_their_net_effect),
		cmocka_unit_test(the_soa_changes_with_each_commit),
		cmocka_unit_test(a_wildcard_is_literal),
		cmocka_unit_test(one_message_has_all_that_concerns_a_session),
		cmocka_unit_test(two_types_of_a_name_that_is_gone_are_removed_as_one),
		cmocka_unit_test(the_same_bytes_are_written_once),
		cmocka_unit_test(a_subscription_that_has_seen_the_version_is_passed_over),
		cmocka_unit_test(what_one_subscription_was_told_is_gone_on_with_for_another),
		cmocka_unit_test(a_subscription_made_in_a_delivery_is_told_what_follows_it),
		cmocka_unit_test(
			what_the_removal_of_a_name_undoes_of_a_new_subscription_is_told_again),
		cmocka_unit_test(another_zone_with_the_name_is_not_matched),
		cmocka_unit_test(a_change_that_others_have_followed_is_told_record_by_record),
		cmocka_unit_test(a_zone_that_is_gone_removes_record_by_record),
		cmocka_unit_test(an_oversized_record_leaves_a_subscriber_the_others_of_its_rrset),
		cmocka_unit_test(the_others_of_an_oversized_record_are_those_of_now),
		cmocka_unit_test(an_oversized_record_of_a_zone_that_is_gone_is_removed),
		cmocka_unit_test(a_delegation_is_noticed),
		cmocka_unit_test(a_large_change_is_told_in_several_messages),
		cmocka_unit_test(slices_change_nothing),
		cmocka_unit_test(sessions_may_end_in_the_middle_of_a_delivery),
		cmocka_unit_test(a_name_without_subscriptions_left_goes_with_the_delivery),
		cmocka_unit_test(a_name_may_change_in_more_than_64_types),
		cmocka_unit_test(short_memory_drops_the_change_and_says_so),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
