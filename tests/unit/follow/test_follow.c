/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "follow/follow.h"

/* A client and a `locate` that replace client/client.h and locate/locate.h in this program: what
 * the follower does with them is written to `seen`. */

struct client {
	int fd;
	client_state_fn on_state;
	void *state_arg;
	void (*on_turn)(void *arg);
	void *turn_arg;
};

static char seen[1024];
static struct client *client;
static struct locate_registry registries[2];
static size_t nregistries;
static struct locate_waiter *waiter;
static int set_error; /* of the next client_set_... */
static const struct client_state *next_state;
static struct resolve_events events;
static uint64_t now_ms;

static void see(const char *what, size_t n)
{
	size_t at = strlen(seen);

	snprintf(seen + at, sizeof(seen) - at, "%s%zu ", what, n);
}

static int set(const char *what, size_t n)
{
	int error = set_error;

	see(what, n);
	set_error = 0;
	return error;
}

int client_new(struct client **out)
{
	client = calloc(1, sizeof(*client));
	assert_non_null(client);
	client->fd = eventfd(0, EFD_CLOEXEC);
	*out = client;
	return 0;
}

void client_free(struct client *c)
{
	close(c->fd);
	free(c);
}

int client_set_servers(struct client *c, const struct resolve_endpoint *servers, size_t nservers,
		       const struct resolve_endpoint *polls, size_t npolls)
{
	(void)c;
	(void)servers;
	(void)polls;
	assert_int_equal(nservers, npolls);
	return set("servers", nservers);
}

int client_set_resolvers(struct client *c, const struct resolve_endpoint *resolvers,
			 size_t nresolvers)
{
	(void)c;
	(void)resolvers;
	return set("resolvers", nresolvers);
}

int client_set_others(struct client *c, const struct resolve_endpoint *servers, size_t nservers)
{
	(void)c;
	(void)servers;
	return set("others", nservers);
}

void client_forget_servers(struct client *c)
{
	(void)c;
	see("forget", 0);
}

void client_set_tls(struct client *c, struct fabric_tls_context *tls)
{
	(void)c;
	(void)tls;
}

void client_set_keepalive(struct client *c, uint32_t keepalive_ms)
{
	(void)c;
	(void)keepalive_ms;
}

void client_set_retry(struct client *c, uint32_t most_ms)
{
	(void)c;
	see("retry", most_ms);
}

void client_set_polling(struct client *c, uint32_t most_ms)
{
	(void)c;
	(void)most_ms;
}

void client_on_state(struct client *c, client_state_fn on_state, void *arg)
{
	c->on_state = on_state;
	c->state_arg = arg;
}

void client_on_turn(struct client *c, void (*on_turn)(void *arg), void *arg)
{
	c->on_turn = on_turn;
	c->turn_arg = arg;
}

int client_fd(const struct client *c)
{
	return c->fd;
}

uint64_t client_deadline(const struct client *c)
{
	(void)c;
	return UINT64_MAX;
}

void client_process(struct client *c, uint64_t at_ms)
{
	const struct client_state *state = next_state;

	(void)at_ms;
	next_state = NULL;
	if (state != NULL)
		c->on_state(c->state_arg, state);
}

struct fabric_tls_context *locate_tls(struct locate *l)
{
	(void)l;
	return NULL;
}

const struct locate_registry *locate_registries(const struct locate *l, size_t *n)
{
	(void)l;
	*n = nregistries;
	return registries;
}

void locate_wait(struct locate *l, struct locate_waiter *w)
{
	(void)l;
	waiter = w;
}

void locate_wait_end(struct locate *l, struct locate_waiter *w)
{
	(void)l;
	(void)w;
	waiter = NULL;
}

void locate_failed(struct locate *l, const struct resolve_endpoint *at, uint64_t at_ms)
{
	(void)l;
	(void)at;
	(void)at_ms;
	see("failed", 1);
}

/* ---- the follower ---- */

struct user {
	struct follow_user user; /* the first member */
	unsigned nsettled, nended;
	struct user *removes; /* when it is settled */
};

static struct follow *follower;

static void settled(void *arg, uint64_t at_ms)
{
	struct user *u = arg;

	(void)at_ms;
	u->nsettled++;
	if (u->removes != NULL)
		follow_remove(follower, &u->removes->user);
}

static void ended(void *arg)
{
	((struct user *)arg)->nended++;
}

static void user_add(struct user *u)
{
	*u = (struct user){.user = {.settle = settled, .end = ended, .arg = u}};
	follow_add(follower, &u->user);
}

static void registries_set(size_t n, uint8_t first, bool is_tls)
{
	nregistries = n;
	for (size_t i = 0; i < n; i++) {
		struct sockaddr_in *in = (struct sockaddr_in *)&registries[i].endpoint.address;

		registries[i] = (struct locate_registry){.endpoint = {.is_tls = is_tls}};
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(0x7f000000u + first + (uint32_t)i);
	}
}

/* Goes on until nothing is due but what is later, and answers those that wait for registries. */
static void run(uint64_t until_ms)
{
	while (resolve_events_deadline(&events) <= until_ms || waiter != NULL) {
		uint64_t due_ms = resolve_events_deadline(&events);
		struct locate_waiter *w = waiter;

		if (due_ms != UINT64_MAX && due_ms > now_ms)
			now_ms = due_ms;
		waiter = NULL;
		if (w != NULL)
			w->on_known(w->arg, nregistries == 0 ? -ENOENT : 0, now_ms);
		resolve_events_run(&events, now_ms);
	}
	now_ms = until_ms;
}

static void state_set(enum client_state_kind kind, const struct resolve_endpoint *server)
{
	const struct client_state state = {.kind = kind, .server = server};

	next_state = &state;
	client_process(client, now_ms);
}

static int begin(void **state)
{
	(void)state;
	seen[0] = '\0';
	now_ms = 1000;
	assert_int_equal(resolve_events_init(&events), 0);
	return follow_new(&follower, &events, (struct locate *)&registries); /* not used */
}

static int end(void **state)
{
	(void)state;
	follow_free(follower);
	resolve_events_fini(&events);
	return 0;
}

static void expect(const char *what)
{
	assert_string_equal(seen, what);
	seen[0] = '\0';
}

static void registries_with_tls_push_and_others_are_asked_for_those_that_do(void **state)
{
	struct user u;

	(void)state;
	run(now_ms + 100000);
	expect(""); /* without a user nothing is looked for */
	registries_set(2, 1, true);
	user_add(&u);
	run(now_ms);
	expect("forget0 servers2 ");
	registries_set(1, 1, false);
	run(now_ms + 10000);
	expect("forget0 others1 resolvers1 ");
	follow_remove(follower, &u.user);
	assert_int_equal(u.nended, 1);
}

static void other_registries_are_used_unless_a_session_is_well(void **state)
{
	struct resolve_endpoint first;
	struct user u;

	(void)state;
	registries_set(2, 1, true);
	first = registries[0].endpoint;
	user_add(&u);
	run(now_ms);
	expect("forget0 servers2 ");
	run(now_ms + 100000);
	expect("");
	state_set(CLIENT_STATE_PUSH, &first);
	registries_set(1, 1, true); /* the session is with this one */
	run(now_ms + 100000);
	expect("");
	state_set(CLIENT_STATE_LOST, &first);
	expect("failed1 ");
	run(now_ms + 100000);
	expect("forget0 servers1 ");
	state_set(CLIENT_STATE_PUSH, &first);
	registries_set(1, 9, true); /* the session is with none of these */
	run(now_ms + 100000);
	expect("forget0 servers1 ");
	set_error = -ENOMEM;
	registries_set(1, 20, true);
	run(now_ms + 100000);
	expect("forget0 servers1 forget0 servers1 ");
	follow_remove(follower, &u.user);
}

static void without_registries_users_are_touched_until_there_are_some(void **state)
{
	struct user u;
	unsigned nsettled;

	(void)state;
	registries_set(0, 1, false);
	user_add(&u);
	run(now_ms);
	assert_true(follow_has_none(follower));
	nsettled = u.nsettled;
	assert_true(nsettled > 0);
	registries_set(1, 1, false);
	run(now_ms + 10000);
	assert_false(follow_has_none(follower));
	expect("forget0 others1 resolvers1 ");
	follow_remove(follower, &u.user);
}

static void a_user_may_remove_itself_and_others_while_it_is_settled(void **state)
{
	struct user a, b, c;

	(void)state;
	registries_set(1, 1, false);
	user_add(&a);
	user_add(&b);
	user_add(&c);
	a.removes = &c;
	b.removes = &b;
	resolve_events_run(&events, now_ms);
	assert_int_equal(a.nsettled, 1);
	assert_int_equal(b.nsettled, 1);
	assert_int_equal(c.nsettled, 0);
	assert_int_equal(a.nended + b.nended + c.nended, 2);
	a.removes = NULL;
	follow_remove(follower, &a.user);
}

static void a_user_is_woken_at_its_time_and_after_turns_if_it_wants(void **state)
{
	struct user u, other;
	unsigned nsettled;

	(void)state;
	registries_set(1, 1, false);
	user_add(&u);
	user_add(&other);
	run(now_ms);
	nsettled = u.nsettled;
	follow_wake(follower, &u.user, now_ms + 50);
	follow_touch(follower, &other.user);
	run(now_ms + 49);
	assert_int_equal(u.nsettled, nsettled);
	run(now_ms + 1);
	assert_int_equal(u.nsettled, nsettled + 1);
	u.user.wants_turns = true;
	nsettled = other.nsettled;
	client->on_turn(client->turn_arg);
	run(now_ms);
	assert_true(u.nsettled > other.nsettled - nsettled);
	follow_remove(follower, &u.user);
	follow_remove(follower, &other.user);
}

static void state_see(void *arg, const struct client_state *state)
{
	(void)arg;
	see("state", state->kind);
}

static void states_are_also_given_to_those_that_want_them(void **state)
{
	(void)state;
	state_set(CLIENT_STATE_POLL, NULL);
	expect("");
	follow_on_state(follower, state_see, NULL);
	state_set(CLIENT_STATE_REFUSED, NULL);
	state_set(CLIENT_STATE_PUSH, &registries[0].endpoint);
	expect("state4 state0 ");
}

static void without_locate_the_servers_are_the_callers(void **state)
{
	struct follow *own;
	struct user u = {.user = {.settle = settled, .end = ended, .arg = &u}};
	const struct resolve_endpoint server = {.is_tls = false};

	(void)state;
	follow_free(follower);
	assert_int_equal(follow_new(&own, &events, NULL), 0);
	follow_add(own, &u.user);
	run(now_ms + 100000);
	state_set(CLIENT_STATE_PUSH, &server);
	state_set(CLIENT_STATE_LOST, &server);
	run(now_ms + 100000);
	expect("");
	assert_false(follow_has_none(own));
	assert_true(u.nsettled > 0);
	follow_remove(own, &u.user);
	follow_free(own);
	follower = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			registries_with_tls_push_and_others_are_asked_for_those_that_do, begin,
			end),
		cmocka_unit_test_setup_teardown(other_registries_are_used_unless_a_session_is_well,
						begin, end),
		cmocka_unit_test_setup_teardown(states_are_also_given_to_those_that_want_them,
						begin, end),
		cmocka_unit_test_setup_teardown(without_locate_the_servers_are_the_callers, begin,
						end),
		cmocka_unit_test_setup_teardown(
			without_registries_users_are_touched_until_there_are_some, begin, end),
		cmocka_unit_test_setup_teardown(
			a_user_may_remove_itself_and_others_while_it_is_settled, begin, end),
		cmocka_unit_test_setup_teardown(
			a_user_is_woken_at_its_time_and_after_turns_if_it_wants, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
