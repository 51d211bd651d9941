/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/type.h"
#include "follow/track.h"

/* A client that replaces client/client.h in this program: the tests set what is known. */

enum { N = 3 };

static struct client_subscription subscriptions[N];
static enum client_known known[N];
static unsigned nsubscribed, nasked;
static int subscribe_error;

int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out)
{
	(void)c;
	(void)name;
	(void)types;
	(void)ntypes;
	(void)on_event;
	(void)arg;
	if (subscribe_error == 0)
		*out = &subscriptions[nsubscribed++];
	return subscribe_error;
}

void client_unsubscribe(struct client *c, struct client_subscription *s)
{
	(void)c;
	(void)s;
}

enum client_known client_known(const struct client *c, const struct client_subscription *s)
{
	(void)c;
	nasked++;
	return known[s - subscriptions];
}

void client_refresh(struct client *c, struct client_subscription *s)
{
	(void)c;
	known[s - subscriptions] = CLIENT_KNOWN_NOT_YET;
}

static struct follow_tracks all;
static struct follow_track tracks[N];

static void begin(void)
{
	static const uint16_t types[] = {DNS_TYPE_A};
	static const uint8_t name[] = "\3lab";

	all = (struct follow_tracks){.first = NULL};
	nsubscribed = 0;
	for (unsigned k = 0; k < N; k++) {
		tracks[k] = (struct follow_track){.subscription = NULL};
		known[k] = CLIENT_KNOWN_NOT_YET;
		assert_int_equal(follow_track_begin(&all, &tracks[k], name, types, 1, NULL, NULL),
				 0);
	}
}

static void end(void)
{
	for (unsigned k = 0; k < N; k++)
		follow_track_end(&all, &tracks[k]);
	assert_null(all.first);
	assert_null(all.first_new);
}

static void all_are_known_once_each_was_reported(void **state)
{
	(void)state;
	begin();
	assert_false(follow_tracks_are_known(&all, NULL));
	known[0] = CLIENT_KNOWN_PUSHED;
	known[1] = CLIENT_KNOWN_POLLED;
	assert_false(follow_tracks_are_known(&all, NULL));
	known[2] = CLIENT_KNOWN_UNREACHED;
	assert_false(follow_tracks_are_known(&all, NULL));
	known[2] = CLIENT_KNOWN_REFUSED;
	assert_false(follow_tracks_are_known(&all, &tracks[2])); /* without the root nothing is */
	assert_true(follow_tracks_are_known(&all, &tracks[0]));
	nasked = 0;
	assert_true(follow_tracks_are_known(&all, &tracks[0]));
	assert_int_equal(nasked, 0);
	/* One whose TTL has passed was known. */
	known[1] = CLIENT_KNOWN_NOT_YET;
	assert_true(follow_tracks_are_known(&all, &tracks[0]));
	end();
}

static void what_is_in_doubt_or_refreshed_is_not_known(void **state)
{
	(void)state;
	begin();
	for (unsigned k = 0; k < N; k++)
		known[k] = CLIENT_KNOWN_PUSHED;
	assert_true(follow_tracks_are_known(&all, NULL));
	follow_track_refresh(&all, &tracks[1]);
	assert_false(follow_tracks_are_known(&all, NULL));
	known[1] = CLIENT_KNOWN_PUSHED;
	assert_true(follow_tracks_are_known(&all, NULL));
	known[0] = CLIENT_KNOWN_UNREACHED;
	follow_tracks_doubt(&all);
	follow_tracks_doubt(&all);
	assert_false(follow_tracks_are_known(&all, NULL));
	follow_track_end(&all, &tracks[0]);
	assert_true(follow_tracks_are_known(&all, NULL));
	end();
}

static void one_that_was_not_begun_is_in_no_list(void **state)
{
	struct follow_track t = {.subscription = NULL};

	(void)state;
	begin();
	subscribe_error = -ENOMEM;
	assert_int_equal(follow_track_begin(&all, &t, (const uint8_t *)"", NULL, 0, NULL, NULL),
			 -ENOMEM);
	subscribe_error = 0;
	follow_track_end(&all, &t);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_known_once_each_was_reported),
		cmocka_unit_test(what_is_in_doubt_or_refreshed_is_not_known),
		cmocka_unit_test(one_that_was_not_begun_is_in_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
