/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "fabric/cache.h"
#include "guard/limit.h"
#include "update/policy.h"

static const char small[] = "$ORIGIN lab.cloud.\n$TTL 60\n" KIT_SOA
			    "@ NS ns\nns A 192.0.2.1\nbig TXT \"" /* longer than 512 octets */
			    "0123456789012345678901234567890123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789012345678901234567890123456789"
			    "\"\nbig TXT \""
			    "a123456789012345678901234567890123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789012345678901234567890123456789"
			    "\"\nbig TXT \""
			    "b123456789012345678901234567890123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789012345678901234567890123456789"
			    "\"\nbig TXT \""
			    "c123456789012345678901234567890123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789012345678901234567890123456789"
			    "\"\n";

struct fixture {
	struct kit_rules v;
	struct sockaddr_storage address;
	struct server_query q;
	uint8_t msg[512];
	size_t nbytes;
	uint8_t out[DNS_MSG_MAX];
	size_t length;
};

static int open_rules(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	kit_rules_init(&f->v, kit_zone("lab.cloud.", small));
	f->v.rules.ring = fabric_ring_new(NULL, 0);
	f->v.turn.keys = fabric_cache_new();
	f->address = kit_address("192.0.2.1");
	*state = f;
	return 0;
}

static int close_rules(void **state)
{
	struct fixture *f = *state;

	fabric_cache_free(f->v.turn.keys);
	fabric_ring_free(f->v.rules.ring);
	update_policy_free(f->v.zones[0].policy);
	kit_rules_fini(&f->v);
	zone_free(f->v.zone);
	free(f);
	return kit_teardown(state);
}

/* Sends the request in `f->msg`. */
static enum server_verdict end(struct fixture *f, enum server_transport transport)
{
	struct server_peer peer = {.address = (struct sockaddr *)&f->address,
				   .transport = transport};

	f->q.request.msg = f->msg;
	f->q.request.nbytes = f->nbytes;
	server_query_begin_batch(&f->q, 1, &f->v.turn);
	return server_query_end(&f->q, &f->v.turn, &peer, f->out, sizeof(f->out), &f->length);
}

enum { OPCODE_UPDATE = 0x28, SIGNED = 1, IN = DNS_CLASS_IN, CH = DNS_CLASS_CH, HESIOD = 4 };

struct question {
	const char *name;
	uint16_t type, qclass;
	uint8_t opcode; /* the flags of the query */
	bool is_signed;
};

static void make(struct fixture *f, const struct question *q)
{
	f->nbytes = kit_query(f->msg, sizeof(f->msg), q->name, q->type, 1);
	f->msg[2] = q->opcode;
	if (q->type != DNS_TYPE_IXFR)
		base_store16(f->msg + f->nbytes - 2, q->qclass);
	if (q->is_signed)
		f->nbytes = kit_sign(f->msg, f->nbytes, &f->v.key, f->v.turn.responder.now_s);
}

/* Returns the verdict and, of an answer, RCODE, AA, TC and the number of records, as text. */
static const char *ask(struct fixture *f, const struct question *q, enum server_transport transport)
{
	static char text[64];
	uint16_t flags;

	make(f, q);
	switch (end(f, transport)) {
	case SERVER_DROP:
		return "drop";
	case SERVER_UPDATE:
		return "update";
	case SERVER_TRANSFER:
		return "transfer";
	default:
		flags = base_load16(f->out + 2);
		snprintf(text, sizeof(text), "%s%s%s %u", dns_rcode_text(flags & DNS_FLAG_RCODE),
			 flags & DNS_FLAG_AA ? " aa" : "", flags & DNS_FLAG_TC ? " tc" : "",
			 base_load16(f->out + 6));
		return text;
	}
}

static void the_answer_depends_on_opcode_class_and_type(void **state)
{
	static const struct {
		struct question q;
		const char *udp, *tcp;
	} cases[] = {
		{{"ns.lab.cloud.", DNS_TYPE_A, IN, 0, 0}, "NOERROR aa 1", "NOERROR aa 1"},
		{{"ns.lab.cloud.", DNS_TYPE_ANY, IN, 0, 0}, "NOERROR aa 1", "NOERROR aa 1"},
		{{"ns.lab.cloud.", DNS_TYPE_AAAA, IN, 0, 0}, "NOERROR aa 0", "NOERROR aa 0"},
		{{"no.lab.cloud.", DNS_TYPE_A, IN, 0, 0}, "NXDOMAIN aa 0", "NXDOMAIN aa 0"},
		{{"big.lab.cloud.", DNS_TYPE_TXT, IN, 0, 0}, "NOERROR aa tc 0", "NOERROR aa 4"},
		{{"other.cloud.", DNS_TYPE_A, IN, 0, 0}, "REFUSED 0", "REFUSED 0"},
		{{"ns.lab.cloud.", DNS_TYPE_A, HESIOD, 0, 0}, "REFUSED 0", "REFUSED 0"},
		{{"ns.lab.cloud.", 253, IN, 0, 0}, "NOTIMP 0", "NOTIMP 0"},
		{{"version.server.", DNS_TYPE_TXT, CH, 0, 0}, "NOERROR aa 1", "NOERROR aa 1"},
		{{"VERSION.bind.", DNS_TYPE_ANY, CH, 0, 0}, "NOERROR aa 1", "NOERROR aa 1"},
		{{"version.bind.", DNS_TYPE_A, CH, 0, 0}, "NOERROR aa 0", "NOERROR aa 0"},
		{{"id.server.", DNS_TYPE_TXT, CH, 0, 0}, "REFUSED 0", "REFUSED 0"},
		{{"authors.bind.", DNS_TYPE_TXT, CH, 0, 0}, "REFUSED 0", "REFUSED 0"},
		{{"lab.cloud.", DNS_TYPE_AXFR, IN, 0, 0}, "FORMERR 0", "REFUSED 0"},
		{{"lab.cloud.", DNS_TYPE_AXFR, IN, 0, SIGNED}, "FORMERR 0", "transfer"},
		{{"lab.cloud.", DNS_TYPE_IXFR, IN, 0, 0}, "REFUSED 0", "REFUSED 0"},
		{{"lab.cloud.", DNS_TYPE_IXFR, IN, 0, SIGNED}, "NOERROR aa 1", "transfer"},
		{{"ns.lab.cloud.", DNS_TYPE_AXFR, IN, 0, SIGNED}, "FORMERR 0", "NOTAUTH 0"},
		{{"other.cloud.", DNS_TYPE_AXFR, IN, 0, SIGNED}, "FORMERR 0", "NOTAUTH 0"},
		{{"lab.cloud.", DNS_TYPE_SOA, IN, OPCODE_UPDATE, 0}, "REFUSED 0", "REFUSED 0"},
		{{"lab.cloud.", DNS_TYPE_SOA, IN, OPCODE_UPDATE, SIGNED}, "update", "update"},
		{{"lab.cloud.", DNS_TYPE_A, IN, OPCODE_UPDATE, SIGNED}, "FORMERR 0", "FORMERR 0"},
		{{"lab.cloud.", DNS_TYPE_SOA, CH, OPCODE_UPDATE, SIGNED}, "NOTAUTH 0", "NOTAUTH 0"},
		{{"ns.lab.cloud.", DNS_TYPE_SOA, IN, OPCODE_UPDATE, SIGNED},
		 "NOTAUTH 0",
		 "NOTAUTH 0"},
	};
	struct fixture *f = *state;

	f->v.rules.options.version = "weft";
	f->v.zones[0].policy = update_policy_new_key(f->v.key.name);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("# %s %u\n", cases[i].q.name, cases[i].q.type);
		assert_string_equal(ask(f, &cases[i].q, SERVER_UDP), cases[i].udp);
		assert_string_equal(ask(f, &cases[i].q, SERVER_TCP), cases[i].tcp);
	}
}

static void the_zone_of_updates_and_transfers_is_found(void **state)
{
	static const struct question axfr = {"lab.cloud.", DNS_TYPE_AXFR, IN, 0, SIGNED};
	static const struct question update = {"LAB.cloud.", DNS_TYPE_SOA, IN, OPCODE_UPDATE,
					       SIGNED};
	struct fixture *f = *state;

	f->v.zones[0].policy = update_policy_new_key(f->v.key.name);
	assert_string_equal(ask(f, &axfr, SERVER_TCP), "transfer");
	assert_ptr_equal(f->q.zone, f->v.zone);
	f->q.zone = NULL;
	assert_string_equal(ask(f, &update, SERVER_UDP), "update");
	assert_ptr_equal(f->q.zone, f->v.zone);
}

/* RFC 6891 section 6.2.3 and 6.2.5: the client's size, at least 512, at most ours. */
static void the_client_limits_a_response_over_udp(void **state)
{
	static const struct {
		uint16_t payload; /* 0: no OPT */
		size_t limit;
	} cases[] = {
		{0, 512}, {1, 512}, {512, 512}, {700, 700}, {1232, 1232}, {4096, 1232},
	};
	static const struct question q = {"big.lab.cloud.", DNS_TYPE_TXT, IN, 0, 0};
	struct fixture *f = *state;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make(f, &q);
		if (cases[i].payload > 0)
			f->nbytes = kit_opt(f->msg, f->nbytes, cases[i].payload, 0, "", 0);
		assert_int_equal(end(f, SERVER_UDP), SERVER_ANSWER);
		assert_int_equal(f->q.limit, cases[i].limit);
		assert_true(f->length <= cases[i].limit);
		assert_int_equal(base_load16(f->out + 6), cases[i].limit < 700 ? 0 : 4);
	}
}

static void a_keepalive_is_answered_over_streams_only(void **state)
{
	static const struct question q = {"ns.lab.cloud.", DNS_TYPE_A, IN, 0, 0};
	struct fixture *f = *state;

	for (unsigned i = 0; i < SERVER_TRANSPORTS; i++) {
		make(f, &q);
		f->nbytes = kit_opt(f->msg, f->nbytes, 1232, 0, "\0\13\0", 4);
		assert_int_equal(end(f, (enum server_transport)i), SERVER_ANSWER);
		if (i != SERVER_UDP) /* 30 s in units of 100 ms */
			assert_memory_equal(f->out + f->length - 8, "\0\6\0\13\0\2\1\54", 8);
		else
			assert_memory_equal(f->out + f->length - 2, "\0\0", 2);
	}
}

static void responses_over_udp_without_valid_cookie_are_limited(void **state)
{
	static const struct question q = {"ns.lab.cloud.", DNS_TYPE_A, IN, 0, 0};
	struct guard_limit_settings settings = {.responses_per_second = 1,
						.window_s = 1,
						.slip = 2,
						.ipv4_prefix = 24,
						.ipv6_prefix = 56};
	struct fixture *f = *state;

	f->v.rules.limit = guard_limit_new(&settings, 1);
	assert_string_equal(ask(f, &q, SERVER_UDP), "NOERROR aa 1");
	assert_string_equal(ask(f, &q, SERVER_UDP), "drop");
	assert_string_equal(ask(f, &q, SERVER_UDP), "NOERROR tc 0");
	assert_string_equal(ask(f, &q, SERVER_TCP), "NOERROR aa 1");
	assert_int_equal(f->v.stats.limited, 1);
	assert_int_equal(f->v.stats.slipped, 1);
	guard_limit_free(f->v.rules.limit);
}

/* Asks for 580 octets by 42 and an OPT. Returns the number of records. */
static unsigned ask_large(struct fixture *f, enum server_transport transport)
{
	static const struct question q = {"big.lab.cloud.", DNS_TYPE_TXT, IN, 0, 0};

	make(f, &q);
	f->nbytes = kit_opt(f->msg, f->nbytes, 1232, 0, "", 0);
	assert_int_equal(end(f, transport), SERVER_ANSWER);
	assert_int_equal((f->out[2] & 2) != 0, base_load16(f->out + 6) == 0);
	return base_load16(f->out + 6);
}

static void large_responses_over_udp_are_limited(void **state)
{
	static const struct question few = {"ns.lab.cloud.", DNS_TYPE_A, IN, 0, 0};
	struct guard_limit_settings settings = {
		.large_per_second = 1, .window_s = 1, .ipv4_prefix = 24, .ipv6_prefix = 56};
	struct fixture *f = *state;

	f->v.rules.large_limit = guard_limit_new_large(&settings, 1);
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(ask(f, &few, SERVER_UDP), "NOERROR aa 1");
	assert_int_equal(ask_large(f, SERVER_UDP), 4);
	assert_int_equal(ask_large(f, SERVER_UDP), 0);
	assert_true(f->length <= f->nbytes);
	assert_int_equal(ask_large(f, SERVER_TCP), 4);
	assert_int_equal(f->v.stats.slipped, 1);
	assert_int_equal(f->v.stats.rcode[DNS_RCODE_NOERROR], 13);
	f->address = kit_address("127.0.0.1");
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(ask_large(f, SERVER_UDP), 4);
	guard_limit_free(f->v.rules.large_limit);
}

static void a_set_beyond_any_message_fails_over_tcp(void **state)
{
	static const struct question q = {"fat.lab.cloud.", DNS_TYPE_TXT, IN, 0, 0},
				     any = {"fat.lab.cloud.", DNS_TYPE_ANY, IN, 0, 0};
	struct fixture *f = *state;
	struct zone_draft *d = zone_draft_new(f->v.zone);
	static const char text[] = "the answer does not fit a message of 64 KiB";
	static uint8_t rdata[60000];

	for (size_t i = 0; i < sizeof(rdata); i += 250)
		rdata[i] = 249;
	assert_int_equal(zone_draft_add(d, kit_name("fat.lab.cloud."), DNS_TYPE_TXT, 60, rdata,
					sizeof(rdata)),
			 1);
	assert_int_equal(
		zone_draft_add(d, kit_name("fat.lab.cloud."), DNS_TYPE_TXT, 60, rdata, 10000), 1);
	kit_publish(d);
	assert_string_equal(ask(f, &q, SERVER_UDP), "NOERROR aa tc 0");
	assert_string_equal(ask(f, &q, SERVER_TCP), "SERVFAIL 0");
	assert_string_equal(ask(f, &any, SERVER_TCP), "SERVFAIL 0");
	f->nbytes = kit_opt(f->msg, f->nbytes, 1232, 0, NULL, 0);
	assert_int_equal(end(f, SERVER_TCP), SERVER_ANSWER);
	/* The extended error, with its text, is the end of the message. */
	assert_memory_equal(f->out + f->length - strlen(text), text, strlen(text));
	base_rcu_offline();
	zone_free(f->v.zone);
	base_rcu_online();
	f->v.zone = NULL;
}

/* However many queries a batch has, each gets the answer that it gets alone. */
static void a_batch_answers_each_as_alone(void **state)
{
	enum { MANY = 5 };
	static const struct question questions[MANY] = {
		{"ns.lab.cloud.", DNS_TYPE_A, IN, 0, 0}, {"no.lab.cloud.", DNS_TYPE_A, IN, 0, 0},
		{"lab.cloud.", DNS_TYPE_SOA, CH, 0, 0},	 {"other.cloud.", DNS_TYPE_A, IN, 0, 0},
		{"lab.cloud.", DNS_TYPE_NS, IN, 0, 0},
	};
	static struct server_query queries[MANY];
	static uint8_t msg[MANY][512], out[DNS_MSG_MAX];
	struct fixture *f = *state;
	struct server_peer peer = {.address = (struct sockaddr *)&f->address,
				   .transport = SERVER_UDP};
	size_t length;

	for (unsigned i = 0; i < MANY; i++) {
		make(f, &questions[i]);
		memcpy(msg[i], f->msg, f->nbytes);
		queries[i].request.msg = msg[i];
		queries[i].request.nbytes = f->nbytes;
	}
	server_query_begin_batch(queries, MANY, &f->v.turn);
	for (unsigned i = 0; i < MANY; i++) {
		make(f, &questions[i]);
		assert_int_equal(end(f, SERVER_UDP), SERVER_ANSWER);
		assert_int_equal(
			server_query_end(&queries[i], &f->v.turn, &peer, out, sizeof(out), &length),
			SERVER_ANSWER);
		assert_int_equal(length, f->length);
		assert_memory_equal(out, f->out, length);
	}
}

/* RFC 9664 section 4: the lease that was granted goes into the OPT. */
static void a_granted_lease_is_in_the_response(void **state)
{
	static const struct question update = {"lab.cloud.", DNS_TYPE_SOA, IN, OPCODE_UPDATE, 0};
	static const struct ledger_lease_terms granted = {
		.is_present = true, .has_key = true, .lease_s = 7200, .key_lease_s = 1209600};
	struct fixture *f = *state;

	make(f, &update);
	f->nbytes = kit_opt(f->msg, f->nbytes, 1232, 0, "", 0);
	end(f, SERVER_UDP);
	server_query_grant(&f->q, &granted);
	f->q.request.response.ede = DNS_EDE_NONE;
	f->length = server_query_short(&f->q, &f->v.turn, DNS_RCODE_NOERROR, 0, f->out, 512);
	assert_memory_equal(f->out + f->length - 12, "\0\2\0\10\0\0\34\40\0\22\165\0", 12);
}

#define WITH_RULES(test) cmocka_unit_test_setup_teardown(test, open_rules, close_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RULES(the_answer_depends_on_opcode_class_and_type),
		WITH_RULES(the_zone_of_updates_and_transfers_is_found),
		WITH_RULES(the_client_limits_a_response_over_udp),
		WITH_RULES(a_keepalive_is_answered_over_streams_only),
		WITH_RULES(responses_over_udp_without_valid_cookie_are_limited),
		WITH_RULES(large_responses_over_udp_are_limited),
		WITH_RULES(a_set_beyond_any_message_fails_over_tcp),
		WITH_RULES(a_batch_answers_each_as_alone),
		WITH_RULES(a_granted_lease_is_in_the_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
