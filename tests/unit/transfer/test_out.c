/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../server/kit.h"

#include <errno.h>

#include "base/rcu.h"
#include "transfer/out.h"

static const char small[] =
	"$ORIGIN lab.cloud.\n$TTL 60\n" KIT_SOA "@ NS ns\nns A 192.0.2.1\nns A 192.0.2.2\n"
	"CamelCase A 192.0.2.3\nalias CNAME camelCASE\n";

struct fixture {
	struct kit_rules v;
	struct server_query query;
	uint8_t msg[512];
	uint8_t out[65536];
	size_t nbytes;
};

static void parse(struct fixture *f, size_t nbytes)
{
	f->query.request.msg = f->msg;
	f->query.request.nbytes = nbytes;
	server_query_begin_batch(&f->query, 1, &f->v.turn);
}

/* Begins a transfer for the query that was parsed; returns what transfer_out_new returns. */
static int transfer_new(struct fixture *f, struct transfer_out **t)
{
	const struct server_request *r = &f->query.request;

	return transfer_out_new(t, f->query.lookup.zone, r->question.type, r->msg, r->nbytes,
				&r->response);
}

/* Makes the query and begins its transfer; returns what transfer_out_new returns. */
static int ask(struct fixture *f, struct transfer_out **t, uint16_t type, uint32_t serial)
{
	size_t nbytes = kit_query(f->msg, sizeof(f->msg), "lab.cloud.", type, serial);

	memset(&f->query, 0, sizeof(f->query));
	parse(f, nbytes);
	assert_true(f->query.has_lookup);
	return transfer_new(f, t);
}

static struct transfer_out *begin(struct fixture *f, uint16_t type, uint32_t serial)
{
	struct transfer_out *t;

	assert_int_equal(ask(f, &t, type, serial), 0);
	memset(f->msg, 0xff,
	       sizeof(f->msg)); /* the transfer must have its own copy of the message */
	memset(&f->query, 0xff, sizeof(f->query));
	transfer_out_begin(t, f->v.turn.now_ms);
	return t;
}

/* Writes the next message; its records go to `text`. Returns its header. */
static struct dns_header next(struct fixture *f, struct transfer_out *t, FILE *text)
{
	struct dns_header h;
	struct base_buf b;

	f->nbytes = transfer_out_next(t, &f->v.turn.responder, f->out, DNS_MSG_MAX);
	b = base_buf_over(f->out, f->nbytes);
	h = dns_header_parse(&b);
	assert_false(b.has_failed);
	for (unsigned i = 0; i < h.qdcount; i++) {
		dns_name_skip(&b);
		base_buf_take(&b, 4);
	}
	kit_section(text, &b, "an", h.ancount);
	assert_int_equal(h.nscount, 0);
	return h;
}

/* Returns the records of all messages of a transfer as text, to be freed. */
static char *all(struct fixture *f, struct transfer_out *t)
{
	char *text = NULL;
	size_t n;
	FILE *file = open_memstream(&text, &n);

	for (unsigned i = 0; !t->is_done; i++) {
		struct dns_header h = next(f, t, file);

		assert_int_equal(h.id, 4711);
		assert_int_equal(h.flags, DNS_FLAG_QR | DNS_FLAG_AA);
		assert_int_equal(h.qdcount, i == 0);
	}
	fclose(file);
	return text;
}

static int open_rules(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	kit_rules_init(&f->v, kit_zone("lab.cloud.", small));
	*state = f;
	return 0;
}

static int close_rules(void **state)
{
	struct fixture *f = *state;

	kit_rules_fini(&f->v);
	zone_free(f->v.zone);
	free(f);
	return kit_teardown(state);
}

static void the_soa_comes_first_and_last(void **state)
{
	struct fixture *f = *state;
	struct transfer_out *t = begin(f, DNS_TYPE_AXFR, 0);
	char *text = all(f, t);

	assert_string_equal(
		text, "an lab.cloud. 60 SOA ns.lab.cloud. host.lab.cloud. 5 3600 600 86400 10\n"
		      "an lab.cloud. 60 NS ns.lab.cloud.\n"
		      "an alias.lab.cloud. 60 CNAME camelCASE.lab.cloud.\n"
		      "an CamelCase.lab.cloud. 60 A 192.0.2.3\n"
		      "an ns.lab.cloud. 60 A 192.0.2.1\n"
		      "an ns.lab.cloud. 60 A 192.0.2.2\n"
		      "an lab.cloud. 60 SOA ns.lab.cloud. host.lab.cloud. 5 3600 600 86400 10\n");
	assert_int_equal(t->nrecords, 7);
	assert_int_equal(t->nmessages, 1);
	free(text);
	transfer_out_free(t);
}

static void ixfr_is_answered_by_the_clients_serial(void **state)
{
	static const struct {
		uint32_t serial;
		uint64_t nrecords;
	} cases[] = {
		{4, 7}, {5, 1}, {6, 1}, {0xffffffff, 7}, {0x80000004, 1}, {0x80000006, 7},
	};
	struct fixture *f = *state;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct transfer_out *t = begin(f, DNS_TYPE_IXFR, cases[i].serial);

		free(all(f, t));
		assert_int_equal(t->nrecords, cases[i].nrecords);
		transfer_out_free(t);
	}
}

static void ixfr_without_the_clients_soa_is_malformed(void **state)
{
	struct fixture *f = *state;
	struct transfer_out *t;
	size_t nbytes = kit_query(f->msg, sizeof(f->msg), "lab.cloud.", DNS_TYPE_IXFR, 1);

	for (unsigned i = 0; i < 2; i++) {
		base_store16(f->msg + nbytes - 32, i == 0 ? DNS_TYPE_NS : DNS_TYPE_SOA);
		if (i == 1) /* a name that does not end */
			memset(f->msg + nbytes - 22, 0x3f, 22);
		parse(f, nbytes);
		assert_int_equal(transfer_new(f, &t), -EBADMSG);
	}
}

static void a_transfer_stays_with_the_version_that_it_began_with(void **state)
{
	struct fixture *f = *state;
	struct transfer_out *t = begin(f, DNS_TYPE_AXFR, 0);
	struct zone_draft *d = zone_draft_new(f->v.zone);
	char *text;

	kit_add(d, "$ORIGIN lab.cloud.\nnew 60 A 192.0.2.9\n");
	kit_publish(d);
	base_rcu_quiescent();
	text = all(f, t);
	assert_null(strstr(text, "new"));
	free(text);
	transfer_out_free(t);
	t = begin(f, DNS_TYPE_AXFR, 0);
	text = all(f, t);
	assert_non_null(strstr(text, "an new.lab.cloud. 60 A 192.0.2.9\n"));
	free(text);
	transfer_out_free(t);
}

/* Puts records with `nbytes` of rdata into the zone. */
static void add_long(struct fixture *f, unsigned count, size_t nbytes)
{
	static uint8_t rdata[65535];
	struct zone_draft *d = zone_draft_new(f->v.zone);

	for (unsigned i = 0; i < count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "long-%u.lab.cloud.", i);
		assert_int_equal(zone_draft_add(d, kit_name(name), 65400, 60, rdata, nbytes), 1);
	}
	kit_publish(d);
}

static void messages_are_filled_and_grow_for_long_records(void **state)
{
	static const struct {
		unsigned count;
		size_t nbytes, at_least, at_most;
	} cases[] = {
		{2000, 100, 16000, 16384},
		{10, 16000, 15000, 16384},
		{5, 40000, 40000, 65535},
		{2, 65400, 65400, 65535},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *f;
		struct transfer_out *t;
		FILE *null = fopen("/dev/null", "w");

		open_rules(state);
		f = *state;
		add_long(f, cases[i].count, cases[i].nbytes);
		t = begin(f, DNS_TYPE_AXFR, 0);
		while (!t->is_done) {
			next(f, t, null);
			if (t->nmessages > 1 && !t->is_done && !t->is_last)
				assert_in_range(f->nbytes, cases[i].at_least, cases[i].at_most);
		}
		assert_int_equal(t->rcode, DNS_RCODE_NOERROR);
		assert_int_equal(t->nrecords, 7 + cases[i].count);
		fclose(null);
		transfer_out_free(t);
		close_rules(state);
	}
}

static void a_record_that_fits_in_no_message_ends_it_with_servfail(void **state)
{
	struct fixture *f;
	struct transfer_out *t;
	struct dns_header h;
	FILE *null = fopen("/dev/null", "w");

	open_rules(state);
	f = *state;
	add_long(f, 1, 65535);
	t = begin(f, DNS_TYPE_AXFR, 0);
	do
		h = next(f, t, null);
	while (!t->is_done);
	assert_int_equal(h.flags & DNS_FLAG_RCODE, DNS_RCODE_SERVFAIL);
	assert_int_equal(h.qdcount, 1);
	assert_int_equal(h.ancount, 0);
	fclose(null);
	transfer_out_free(t);
	close_rules(state);
}

#define WITH_RULES(test) cmocka_unit_test_setup_teardown(test, open_rules, close_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RULES(the_soa_comes_first_and_last),
		WITH_RULES(ixfr_is_answered_by_the_clients_serial),
		WITH_RULES(ixfr_without_the_clients_soa_is_malformed),
		WITH_RULES(a_transfer_stays_with_the_version_that_it_began_with),
		cmocka_unit_test(messages_are_filled_and_grow_for_long_records),
		cmocka_unit_test(a_record_that_fits_in_no_message_ends_it_with_servfail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
