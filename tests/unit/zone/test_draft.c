/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

static const char small[] = "$ORIGIN z.cloud.\n"
			    "$TTL 60\n"
			    "@ SOA ns1 host 10 7200 900 1209600 60\n"
			    "@ NS ns1\n"
			    "ns1 A 192.0.2.1\n"
			    "w TXT \"a\"\n";

static void a_change_is_seen_in_the_draft_and_by_nobody_else(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_rrset r;

	(void)state;
	kit_add(d, "w 60 TXT \"b\"\nnew 60 A 10.0.0.1\n");
	assert_true(zone_draft_find(d, kit_name("w.z.cloud."), DNS_TYPE_TXT, &r));
	assert_int_equal(r.count, 2);
	assert_int_equal(zone_draft_count(d, kit_name("new.z.cloud.")), 1);
	assert_false(zone_has(z, kit_name("new.z.cloud."), 0));
	zone_draft_abort(d);
	assert_false(zone_has(z, kit_name("new.z.cloud."), 0));
	zone_free(z);
}

static void the_sum_of_a_name_is_what_its_records_take_in_an_answer(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_draft_sum sum = zone_draft_sum(d, kit_name("new.z.cloud."));

	(void)state;
	assert_int_equal(sum.nrecords + sum.nbytes, 0);
	kit_add(d, "w 60 TXT \"bc\"\nw 60 A 10.0.0.1\n");
	sum = zone_draft_sum(d, kit_name("W.z.cloud."));
	assert_int_equal(sum.nrecords, 3);
	assert_int_equal(sum.nbytes, 3 * ZONE_LIMIT_RECORD_HEAD + 2 + 3 + 4);
	zone_draft_abort(d);
	zone_free(z);
}

static void publishing_raises_the_serial_once(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_changeset c;

	(void)state;
	kit_add(d, "a 60 A 10.0.0.1\nb 60 A 10.0.0.2\n");
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("w.z.cloud."), DNS_TYPE_TXT), 1);
	assert_int_equal(zone_draft_seal(d, &c), 1);
	assert_int_equal(c.from, 10);
	assert_int_equal(c.to, 11);
	assert_int_equal(c.nremoved, 2); /* the SOA and the TXT */
	assert_int_equal(c.nadded, 3);
	zone_draft_publish(d);
	assert_int_equal(zone_snapshot_serial(zone_current(z)), 11);
	assert_true(zone_has(z, kit_name("a.z.cloud."), DNS_TYPE_A));
	assert_false(zone_has(z, kit_name("w.z.cloud."), 0));
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void changes_that_cancel_out_keep_the_serial(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_changeset c;

	(void)state;
	kit_add(d, "w 60 TXT \"b\"\n");
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("w.z.cloud."), DNS_TYPE_TXT), 2);
	kit_add(d, "w 60 TXT \"a\"\nghost 60 A 10.0.0.1\n");
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("ghost.z.cloud."), DNS_TYPE_A), 1);
	assert_int_equal(zone_draft_seal(d, &c), 0);
	zone_draft_abort(d);
	assert_int_equal(zone_snapshot_serial(zone_current(z)), 10);
	zone_free(z);
}

static void a_serial_of_ones_own_is_kept_if_it_is_newer(void **state)
{
	static const struct {
		uint32_t set, become;
	} cases[] = {{100, 100}, {5, 11}, {10, 11}, {0x80000005, 0x80000005}};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct zone *z = kit_zone("z.cloud.", small);
		struct zone_draft *d = zone_draft_new(z);
		uint8_t rdata[600];
		struct zone_rrset soa;
		size_t n;

		assert_true(zone_draft_find(d, zone_name(z), DNS_TYPE_SOA, &soa));
		n = base_load16(soa.data);
		memcpy(rdata, soa.data + 2, n);
		dns_soa_set_serial(rdata, n, cases[i].set);
		assert_int_equal(zone_draft_set_soa(d, 60, rdata, n), 0);
		kit_add(d, "x 60 A 10.0.0.1\n");
		kit_publish(d);
		assert_int_equal(zone_snapshot_serial(zone_current(z)), cases[i].become);
		base_rcu_offline();
		zone_free(z);
		base_rcu_online();
	}
}

static void set_serial(struct zone_draft *d, uint32_t serial)
{
	struct zone_rrset soa;
	uint8_t rdata[600];
	size_t n;

	assert_true(zone_draft_find(d, zone_name(zone_draft_zone(d)), DNS_TYPE_SOA, &soa));
	n = base_load16(soa.data);
	memcpy(rdata, soa.data + 2, n);
	dns_soa_set_serial(rdata, n, serial);
	assert_int_equal(zone_draft_set_soa(d, 60, rdata, n), 0);
}

/* RFC 1982 section 7: also when both steps are in one draft, as when a log is replayed. */
static void a_serial_is_set_back_in_two_steps(void **state)
{
	static const struct {
		uint32_t steps[3], become;
	} cases[] = {
		{{10u + INT32_MAX, 1, 2}, 2},
		{{10u + INT32_MAX, 9, 9}, 9},
		{{10u + INT32_MAX, 10, 10}, 11},
		{{5, 4, 3}, 11},
		{{12, 13, 14}, 14},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone *z = kit_zone("z.cloud.", small);
		struct zone_draft *d = zone_draft_new(z);

		for (unsigned k = 0; k < 3; k++)
			set_serial(d, cases[i].steps[k]);
		kit_add(d, "x 60 A 10.0.0.1\n");
		kit_publish(d);
		assert_int_equal(zone_snapshot_serial(zone_current(z)), cases[i].become);
		/* The next draft does not remember the steps. */
		d = zone_draft_new(z);
		kit_add(d, "y 60 A 10.0.0.1\n");
		kit_publish(d);
		assert_int_equal(zone_snapshot_serial(zone_current(z)), cases[i].become + 1);
		base_rcu_offline();
		zone_free(z);
		base_rcu_online();
	}
}

static void records_are_compared_without_case_and_kept_in_order(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_rrset r;
	const uint8_t *at;
	struct zone_rdata rdata, last = {NULL, 0};

	(void)state;
	kit_add(d, "P 60 PTR c.z.cloud.\n"
		   "p 60 PTR a.z.cloud.\n"
		   "p 60 PTR B.z.cloud.\n"
		   "p 60 PTR C.Z.CLOUD.\n");
	assert_true(zone_draft_find(d, kit_name("p.z.cloud."), DNS_TYPE_PTR, &r));
	assert_int_equal(r.count, 3);
	at = r.data;
	while (zone_rrset_next(&r, &at, &rdata)) {
		if (last.bytes != NULL)
			assert_true(dns_rdata_compare(DNS_TYPE_PTR, last.bytes, last.nbytes,
						      rdata.bytes, rdata.nbytes) < 0);
		last = rdata;
	}
	assert_int_equal(zone_draft_add(d, kit_name("p.z.cloud."), DNS_TYPE_PTR, 60,
					kit_name("a.z.cloud."), 11),
			 0);
	assert_int_equal(zone_draft_add(d, kit_name("p.z.cloud."), DNS_TYPE_PTR, 60,
					kit_name("A.z.cloud."), 11),
			 1);
	assert_true(zone_draft_find(d, kit_name("p.z.cloud."), DNS_TYPE_PTR, &r));
	assert_int_equal(r.count, 3);
	assert_memory_equal(r.data + 2, kit_name("A.z.cloud."), 11);
	assert_int_equal(zone_draft_add(d, kit_name("p.z.cloud."), DNS_TYPE_PTR, 61,
					kit_name("A.z.cloud."), 11),
			 1);
	zone_draft_abort(d);
	zone_free(z);
}

/* Applies the draft's changeset to another zone, whose records must then be spelled the same. */
static void replay(struct zone_draft *d, struct zone *other, unsigned nrecords)
{
	struct zone *z = zone_draft_zone(d);
	struct zone_draft *e = zone_draft_new(other);
	struct zone_changeset c, again;
	char *text, *other_text;

	assert_int_equal(zone_draft_seal(d, &c), 1);
	assert_int_equal(c.nadded, nrecords + 1);
	assert_int_equal(c.nremoved, nrecords + 1);
	assert_int_equal(zone_draft_apply(e, &c), 0);
	assert_int_equal(zone_draft_seal(e, &again), 1);
	zone_draft_publish(e);
	zone_draft_publish(d);
	text = kit_dump(zone_current(z));
	other_text = kit_dump(zone_current(other));
	assert_string_equal(text, other_text);
	free(text);
	free(other_text);
	base_rcu_quiescent();
}

static bool dump_has(struct zone *z, const char *line)
{
	char *text = kit_dump(zone_current(z));
	bool found = strstr(text, line) != NULL;

	free(text);
	return found;
}

static void the_case_of_a_name_changes_and_the_changeset_carries_it(void **state)
{
	static const char text[] = "$ORIGIN z.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n"
				   "host 60 A 10.0.0.1\nhost 60 TXT \"x\"\ns 60 SRV 0 0 1 host\n";
	struct zone *z = kit_zone("z.cloud.", text), *other = kit_zone("z.cloud.", text);
	struct zone_draft *d = zone_draft_new(z);

	(void)state;
	/* The name in an rdata. */
	kit_add(d, "s 60 SRV 0 0 1 HOST\n");
	replay(d, other, 1);
	assert_true(dump_has(z, "SRV\t0 0 1 HOST.z.cloud."));

	/* An owner that has other records keeps its spelling. */
	d = zone_draft_new(z);
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("host.z.cloud."), DNS_TYPE_A), 1);
	assert_true(zone_draft_is_spelled(d, kit_name("host.z.cloud.")));
	assert_false(zone_draft_is_spelled(d, kit_name("HOST.z.cloud.")));
	kit_add(d, "HOST 60 A 10.0.0.1\n");
	assert_int_equal(zone_draft_seal(d, NULL), 0);
	zone_draft_abort(d);

	/* The first record of a name sets the spelling. */
	d = zone_draft_new(z);
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("HOST.z.cloud."), DNS_TYPE_A), 1);
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("host.z.cloud."), DNS_TYPE_TXT), 1);
	kit_add(d, "HoST 60 A 10.0.0.1\nhost 60 TXT \"x\"\n");
	replay(d, other, 2);
	assert_true(dump_has(z, "HoST.z.cloud.\t60\tIN\tTXT"));

	/* So does the administrator's will. */
	d = zone_draft_new(z);
	assert_int_equal(zone_draft_spell(d, kit_name("host.z.cloud.")), 1);
	assert_int_equal(zone_draft_spell(d, kit_name("host.z.cloud.")), 0);
	assert_int_equal(zone_draft_spell(d, kit_name("absent.z.cloud.")), 0);
	replay(d, other, 2);
	assert_true(dump_has(z, "host.z.cloud.\t60\tIN\tTXT"));
	base_rcu_offline();
	zone_free(z);
	zone_free(other);
	base_rcu_online();
}

/* A set of many PTRs, each absent or present in one of two spellings. */
enum { LARGE = 500 };
struct large {
	uint8_t spelling[LARGE]; /* 0: not there */
	uint32_t ttl;
};

static const uint8_t *large_name(unsigned i, unsigned spelling)
{
	char text[64];

	snprintf(text, sizeof(text), "%c%u.p.m.cloud.", spelling == 2 ? 'I' : 'i', i);
	return kit_name(text);
}

static void large_change(struct zone_draft *d, struct large *l, unsigned *seed)
{
	unsigned i = (unsigned)rand_r(seed) % LARGE, how = (unsigned)rand_r(seed) % 8,
		 spelling = 1 + (unsigned)rand_r(seed) % 2;
	const uint8_t *owner = kit_name("p.m.cloud."), *name = large_name(i, spelling);
	size_t n = dns_name_nbytes(name);
	bool was = l->spelling[i] != 0, had_ttl;
	struct zone_rrset set;

	assert_int_equal(zone_draft_has(d, owner, DNS_TYPE_PTR, name, n), was);
	if (how == 0 && zone_draft_find(d, owner, DNS_TYPE_PTR, &set))
		assert_non_null(set.data);
	if (how == 1)
		l->ttl = 60 + (unsigned)rand_r(seed) % 2;
	had_ttl = zone_draft_ttl(d, owner, DNS_TYPE_PTR, 0) == l->ttl;
	if (how < 4) {
		assert_int_equal(zone_draft_remove(d, owner, DNS_TYPE_PTR, name, n), was);
		l->spelling[i] = 0;
		return;
	}
	assert_int_equal(zone_draft_add(d, owner, DNS_TYPE_PTR, l->ttl, name, n),
			 l->spelling[i] != spelling || !had_ttl);
	l->spelling[i] = (uint8_t)spelling;
}

static unsigned large_count(const struct large *l)
{
	unsigned count = 0;

	for (unsigned i = 0; i < LARGE; i++)
		count += l->spelling[i] != 0;
	return count;
}

/* Returns the number of the set's records that `l` has and `other` has not. */
static unsigned large_difference(const struct large *l, const struct large *other)
{
	unsigned count = 0;

	for (unsigned i = 0; i < LARGE; i++)
		count += l->spelling[i] != 0 &&
			 (l->ttl != other->ttl || l->spelling[i] != other->spelling[i]);
	return count;
}

static void the_changes_of_a_large_set_are_in_the_changeset(void **state)
{
	struct zone *z = kit_zone("m.cloud.", "$ORIGIN m.cloud.\n"
					      "@ 60 SOA ns1 host 1 7200 900 1209600 60\n");
	struct large before = {.ttl = 60}, l = before;
	unsigned seed = 7;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct zone_draft *d = zone_draft_new(z);
		struct zone_changeset c;
		struct zone_rrset set;

		for (unsigned i = (unsigned)rand_r(&seed) % (round < 50 ? 100 : 6); i > 0; i--)
			large_change(d, &l, &seed);
		assert_int_equal(zone_draft_measure(d, kit_name("p.m.cloud."), DNS_TYPE_PTR, &set),
				 large_count(&l) > 0);
		if (large_count(&l) > 0) {
			assert_int_equal(set.count, large_count(&l));
			l.ttl = set.ttl;
		}
		if (zone_draft_seal(d, &c) == 1) {
			/* The counts include the SOAs. */
			assert_int_equal(c.nadded - 1, large_difference(&l, &before));
			assert_int_equal(c.nremoved - 1, large_difference(&before, &l));
			zone_draft_publish(d);
		} else {
			assert_int_equal(
				large_difference(&l, &before) + large_difference(&before, &l), 0);
			zone_draft_abort(d);
		}
		before = l;
		base_rcu_quiescent();
		assert_int_equal(zone_snapshot_records(zone_current(z)), 1 + large_count(&l));
	}
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

/* A slow and simple zone: lines of text in a list. */
enum { MODEL_MAX = 4096 };
struct model {
	char *line[MODEL_MAX];
	unsigned count;
};

static int model_find(const struct model *m, const char *line)
{
	for (unsigned i = 0; i < m->count; i++)
		if (strcmp(m->line[i], line) == 0)
			return (int)i;
	return -1;
}

static void model_check(const struct model *m, struct zone *z)
{
	char *dump = kit_dump(zone_current(z)), *save = NULL;
	unsigned seen = 0;

	for (char *line = strtok_r(dump, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char owner[256], type[32], rdata[256], plain[600];

		assert_int_equal(sscanf(line, "%255s %*s IN %31s %255[^\n]", owner, type, rdata),
				 3);
		if (strcmp(type, "SOA") == 0)
			continue;
		snprintf(plain, sizeof(plain), "%s %s %s", owner, type, rdata);
		if (model_find(m, plain) < 0)
			fail_msg("the zone has %s", plain);
		seen++;
	}
	assert_int_equal(seen, m->count);
	free(dump);
}

/* Makes one random change to both draft and model. */
static void random_change(struct zone_draft *d, struct model *m, unsigned *seed)
{
	static const char *const labels[] = {"a", "b",	   "_tcp",  "web-1", "web-10",
					     "*", "x.y.z", "\\000", "\\001q"};
	char owner[DNS_NAME_TEXT_MAX], rdata[32], line[DNS_NAME_TEXT_MAX + 64];
	uint8_t name[DNS_NAME_MAX], address[4] = {10, 0, 0, 0};
	int at;

	snprintf(owner, sizeof(owner), "%s.%s%u.m.cloud.", labels[rand_r(seed) % 9],
		 labels[rand_r(seed) % 7], rand_r(seed) % 4);
	assert_true(dns_name_from_text(name, owner, strlen(owner), NULL) > 0);
	dns_name_to_text(owner, name);
	address[3] = (uint8_t)(rand_r(seed) % 5);
	snprintf(rdata, sizeof(rdata), "10.0.0.%u", address[3]);
	snprintf(line, sizeof(line), "%s A %s", owner, rdata);
	at = model_find(m, line);
	if (rand_r(seed) % 2) {
		assert_int_equal(zone_draft_add(d, name, DNS_TYPE_A, 60, address, 4), at < 0);
		if (at < 0)
			m->line[m->count++] = strdup(line);
	} else {
		assert_int_equal(zone_draft_remove(d, name, DNS_TYPE_A, address, 4), at >= 0);
		if (at >= 0) {
			free(m->line[at]);
			m->line[at] = m->line[--m->count];
		}
	}
}

static void random_changes_agree_with_a_model_and_can_be_replayed(void **state)
{
	static const char start[] = "$ORIGIN m.cloud.\n"
				    "@ 60 SOA ns1 host 1 7200 900 1209600 60\n";
	struct zone *z = kit_zone("m.cloud.", start), *replay = kit_zone("m.cloud.", start);
	struct model m = {.count = 0};
	const struct zone_snapshot *held = NULL;
	char *held_text = NULL;
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct zone_draft *d = zone_draft_new(z), *e = zone_draft_new(replay);
		struct zone_changeset c, again;

		for (unsigned i = rand_r(&seed) % 12; i > 0; i--)
			random_change(d, &m, &seed);
		if (zone_draft_seal(d, &c) == 1) {
			assert_int_equal(zone_draft_apply(e, &c), 0);
			assert_int_equal(zone_draft_seal(e, &again), 1);
			assert_int_equal(again.nadded, c.nadded);
			assert_int_equal(again.nremoved, c.nremoved);
			assert_int_equal(again.to, c.to);
			zone_draft_publish(e);
			zone_draft_publish(d);
		} else {
			zone_draft_abort(d);
			zone_draft_abort(e);
		}
		base_rcu_quiescent();
		model_check(&m, z);
		model_check(&m, replay);
		if (round % 50 == 20) {
			held = zone_acquire(z);
			held_text = kit_dump(held);
		}
		if (round % 50 == 45) { /* the published version has not changed under the reader */
			char *now = kit_dump(held);

			assert_string_equal(now, held_text);
			free(now);
			free(held_text);
			zone_release(z, held);
		}
	}
	while (m.count > 0)
		free(m.line[--m.count]);
	base_rcu_offline();
	zone_free(z);
	zone_free(replay);
	base_rcu_online();
}

static void a_large_first_version_is_moved_in_parts(void **state)
{
	struct zone *z = zone_new(kit_name("big.cloud."), 3);
	struct zone_draft *d = zone_draft_new(z);
	uint8_t name[DNS_NAME_MAX], rdata[1024];
	char text[64];

	(void)state;
	kit_add(d, "@ 60 SOA ns1 host 1 7200 900 1209600 60\n");
	memset(rdata, 255, sizeof(rdata));
	/* Each name is used twice, far apart: its node is opened again after it was moved. */
	for (unsigned turn = 0; turn < 2; turn++)
		for (unsigned i = 0; i < 60000; i++) {
			snprintf(text, sizeof(text), "n%u.big.cloud.", i);
			assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
			rdata[1] = (uint8_t)turn;
			assert_int_equal(zone_draft_add(d, name, DNS_TYPE_TXT, 60, rdata, 1024), 1);
		}
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	assert_int_equal(zone_snapshot_records(zone_current(z)), 120001);
	assert_int_equal(zone_snapshot_names(zone_current(z)), 60001);
	assert_true(zone_has(z, kit_name("n59999.big.cloud."), DNS_TYPE_TXT));
	zone_free(z);
}

static void a_name_may_have_records_of_every_type(void **state)
{
	struct zone *z = kit_zone("z.cloud.", small);
	const uint8_t *name = kit_name("fat.z.cloud.");
	struct zone_draft *d = zone_draft_new(z);
	unsigned n = 0;

	(void)state;
	/* 43,698 sets were once the last whose capacity 16 bits could count. */
	for (unsigned type = 300; type < 65280; type++)
		if (!dns_type_is_meta((uint16_t)type)) {
			assert_int_equal(
				zone_draft_add(d, name, (uint16_t)type, 60, (uint8_t *)"x", 1), 1);
			n++;
		}
	assert_int_equal(zone_draft_count(d, name), n);
	assert_int_equal(zone_draft_nbytes(d, name), n * 13);
	kit_publish(d);
	d = zone_draft_new(z);
	assert_int_equal(zone_draft_nbytes(d, name), n * 13);
	assert_int_equal(zone_draft_add(d, name, 299, 60, (uint8_t *)"x", 1), 1);
	assert_int_equal(zone_draft_remove_rrset(d, name, 65279), 1);
	assert_int_equal(zone_draft_nbytes(d, name), n * 13);
	kit_publish(d);
	assert_true(zone_has(z, name, 299));
	assert_false(zone_has(z, name, 65279));
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void a_record_over_a_limit_is_not_added(void **state)
{
	static const uint8_t rdata[400] = {255};
	static const uint8_t name[] = "\1w\1z\5cloud"; /* has a TXT of two octets */
	static const struct {
		struct zone_limits limits;
		const char *owner;
		uint16_t type;
		size_t nbytes;
		enum zone_limit over;
	} rows[] = {
		{{10, 10, 1000, 1000}, "w.z.cloud.", 300, 400, ZONE_LIMIT_NONE},
		{{1, 10, 1000, 1000}, "w.z.cloud.", 300, 1, ZONE_LIMIT_OF_RRSETS},
		{{1, 10, 1000, 1000}, "w.z.cloud.", DNS_TYPE_TXT, 1, ZONE_LIMIT_NONE},
		{{1, 10, 1000, 1000}, "new.z.cloud.", 300, 1, ZONE_LIMIT_NONE},
		{{10, 1, 1000, 1000}, "w.z.cloud.", DNS_TYPE_TXT, 1, ZONE_LIMIT_OF_RECORDS},
		{{10, 1, 1000, 1000}, "w.z.cloud.", 300, 1, ZONE_LIMIT_NONE},
		{{10, 10, 26, 1000}, "w.z.cloud.", DNS_TYPE_TXT, 0, ZONE_LIMIT_NONE},
		{{10, 10, 26, 1000}, "w.z.cloud.", DNS_TYPE_TXT, 1, ZONE_LIMIT_OF_RRSET_NBYTES},
		{{10, 10, 26, 1000}, "w.z.cloud.", 300, 14, ZONE_LIMIT_NONE},
		{{10, 10, 26, 1000}, "w.z.cloud.", 300, 15, ZONE_LIMIT_OF_RRSET_NBYTES},
		{{10, 10, 1000, 40}, "w.z.cloud.", 300, 14, ZONE_LIMIT_NONE},
		{{10, 10, 1000, 40}, "w.z.cloud.", 300, 15, ZONE_LIMIT_OF_NAME_NBYTES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone *z = kit_zone("z.cloud.", small);
		struct zone_draft *d = zone_draft_new(z);
		enum zone_limit over = ZONE_LIMIT_NONE;
		const uint8_t *owner = kit_name(rows[i].owner);
		unsigned count = zone_draft_count(d, owner);
		int ret = zone_draft_add_within(d, &rows[i].limits, owner, rows[i].type, 60, rdata,
						rows[i].nbytes, &over);

		assert_int_equal(over, rows[i].over);
		assert_int_equal(ret, over == ZONE_LIMIT_NONE ? 1 : -E2BIG);
		if (over != ZONE_LIMIT_NONE)
			assert_int_equal(zone_draft_count(d, owner), count);
		/* What is there already may get another TTL, or go. */
		assert_true(zone_draft_add_within(d, &rows[i].limits, name, DNS_TYPE_TXT, 61,
						  (const uint8_t *)"\1a", 2, &over) == 1);
		assert_int_equal(zone_draft_remove(d, name, DNS_TYPE_TXT, (uint8_t *)"\1a", 2), 1);
		zone_draft_abort(d);
		zone_free(z);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_seen_in_the_draft_and_by_nobody_else),
		cmocka_unit_test(the_sum_of_a_name_is_what_its_records_take_in_an_answer),
		cmocka_unit_test(publishing_raises_the_serial_once),
		cmocka_unit_test(changes_that_cancel_out_keep_the_serial),
		cmocka_unit_test(a_serial_of_ones_own_is_kept_if_it_is_newer),
		cmocka_unit_test(a_serial_is_set_back_in_two_steps),
		cmocka_unit_test(records_are_compared_without_case_and_kept_in_order),
		cmocka_unit_test(the_case_of_a_name_changes_and_the_changeset_carries_it),
		cmocka_unit_test(the_changes_of_a_large_set_are_in_the_changeset),
		cmocka_unit_test(random_changes_agree_with_a_model_and_can_be_replayed),
		cmocka_unit_test(a_large_first_version_is_moved_in_parts),
		cmocka_unit_test(a_name_may_have_records_of_every_type),
		cmocka_unit_test(a_record_over_a_limit_is_not_added),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
