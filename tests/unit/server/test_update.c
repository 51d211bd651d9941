/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Updates between a channel and the registrar, which is replaced by a wrapped
 * registry_registrar_put. */
#include "kit.h"

#include "server/channel.h"
#include "server/update.h"

void __wrap_registry_registrar_put(struct registry_registrar *r, struct registry_request *request);

static struct registry_request *put[8];
static unsigned nput;

void __wrap_registry_registrar_put(struct registry_registrar *r, struct registry_request *request)
{
	(void)r;
	put[nput++] = request;
}

bool __wrap_registry_registrar_admit(struct registry_registrar *r,
				     const struct registry_request *request);
void __wrap_registry_registrar_release(struct registry_registrar *r,
				       const struct registry_request *request);
uint64_t __wrap_registry_registrar_source(const struct registry_registrar *r, const uint8_t *key);

static size_t nwaiting, nwaiting_max;

bool __wrap_registry_registrar_admit(struct registry_registrar *r,
				     const struct registry_request *request)
{
	(void)r;
	if (nwaiting + request->nwaiting > nwaiting_max)
		return false;
	nwaiting += request->nwaiting;
	return true;
}

void __wrap_registry_registrar_release(struct registry_registrar *r,
				       const struct registry_request *request)
{
	(void)r;
	nwaiting -= request->nwaiting;
}

uint64_t __wrap_registry_registrar_source(const struct registry_registrar *r, const uint8_t *key)
{
	(void)r;
	return key == NULL ? 0 : 1;
}

static const char *answered[8];
static unsigned nanswered;

static void on_answer(struct server_update *u)
{
	answered[nanswered++] = u->query.request.response.ede_text;
	server_update_free(u);
}

static const struct server_channel channel = {.answer = on_answer};

struct fixture {
	struct kit_rules v;
	struct server_updates updates;
	struct server_query q;
	uint8_t msg[512];
};

static int open_rules(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	kit_rules_init(&f->v,
		       kit_zone("lab.cloud.", "$ORIGIN lab.cloud.\n" KIT_SOA "@ 60 NS ns\n"));
	server_updates_init(&f->updates);
	nput = nanswered = 0;
	nwaiting_max = SIZE_MAX;
	*state = f;
	return 0;
}

static int close_rules(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->v.rules.nusers, 0);
	assert_int_equal(nwaiting, 0);
	server_updates_fini(&f->updates);
	kit_rules_fini(&f->v);
	zone_free(f->v.zone);
	free(f);
	return kit_teardown(state);
}

/* Makes an update as query.c hands it over; the packet and the query are freed afterwards. */
static struct server_update *make_update(struct fixture *f)
{
	struct sockaddr_storage client = kit_address("192.0.2.1@4000");
	struct server_peer peer = {.address = (struct sockaddr *)&client, .transport = SERVER_UDP};
	struct server_update *u;

	f->q.request.msg = f->msg;
	f->q.request.nbytes = kit_query(f->msg, sizeof(f->msg), "lab.cloud.", DNS_TYPE_SOA, 0);
	server_request_parse(&f->q.request);
	f->q.zone = f->v.zone;
	u = server_update_new(&f->updates, &f->v.turn, &f->q, &peer);
	memset(f->msg, 0xff, sizeof(f->msg));
	if (u != NULL)
		memset(&f->q, 0xff, sizeof(f->q));
	return u;
}

static void an_update_is_a_copy_that_uses_its_rules(void **state)
{
	struct fixture *f = *state;
	struct server_update *u = make_update(f);

	assert_non_null(u);
	assert_int_equal(f->v.rules.nusers, 1);
	assert_ptr_equal(u->request.zone, f->v.zone);
	assert_ptr_equal(u->request.msg, u->msg);
	assert_int_equal(u->request.nbytes, 27);
	assert_null(u->request.key);
	assert_string_equal(u->client, "192.0.2.1@4000");
	assert_memory_equal(u->query.request.response.question, "\3lab\5cloud", 11);
	server_update_free(u);
	assert_int_equal(f->v.rules.nusers, 0);
}

static void replies_are_answered_by_the_channel_in_their_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct server_update *u = make_update(f);

		u->channel = &channel;
		server_update_put(u, &f->v.turn);
	}
	assert_int_equal(nput, 3);
	assert_int_equal(f->updates.nwaiting, 3);
	assert_false(server_updates_take_replied(&f->updates));
	for (unsigned i = 0; i < 3; i++) {
		put[i]->result.rcode = DNS_RCODE_REFUSED;
		snprintf(put[i]->result.text, sizeof(put[i]->result.text), "%u", i);
		put[i]->reply(put[i]);
	}
	assert_true(server_updates_take_replied(&f->updates));
	assert_false(server_updates_take_replied(&f->updates));
	server_updates_answer(&f->updates, &f->v.turn);
	assert_int_equal(nanswered, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(answered[i][0], '0' + i);
	assert_int_equal(f->updates.nwaiting, 0);
}

static void updates_beyond_the_limit_are_explained(void **state)
{
	struct fixture *f = *state;
	struct server_update *u = make_update(f);

	assert_true(nwaiting > sizeof(*u) + u->request.nbytes);
	nwaiting_max = nwaiting;
	assert_null(make_update(f));
	assert_string_equal(f->q.request.response.ede_text,
			    "too many updates are waiting: try again later");
	assert_int_equal(f->v.rules.nusers, 1);
	server_update_free(u);
	u = make_update(f);
	assert_non_null(u);
	server_update_free(u);
}

#define WITH_RULES(test) cmocka_unit_test_setup_teardown(test, open_rules, close_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RULES(an_update_is_a_copy_that_uses_its_rules),
		WITH_RULES(replies_are_answered_by_the_channel_in_their_order),
		WITH_RULES(updates_beyond_the_limit_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
