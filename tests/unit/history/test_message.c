/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/update.h"
#include "history/content.h"

static const uint8_t zone[] = "\3lab\5cloud";

static void fill(struct history_content *c, unsigned nthere, unsigned nwaiting, size_t nbytes)
{
	char text[HISTORY_EVENT_TEXT_MAX];
	size_t n = 0;

	while (n + 100 < nbytes)
		n += (size_t)sprintf(text + n, "%s%099d", n > 0 ? " " : "", 0);
	sprintf(text + n, "%swhat=up", n > 0 ? " " : "");
	history_content_init(c);
	history_content_begin(c, UINT64_MAX);
	for (unsigned i = 0; i < nthere + nwaiting; i++)
		history_content_add(c, history_event_from_text(text));
	history_content_done(c, nthere);
}

/* Of any number of events of any size some are in a message, with no more records than it has
 * room for. */
static void as_many_as_fit_are_in_a_message(void **state)
{
	static const unsigned numbers[] = {0, 1, 2, 127, 128, 129, 300};

	(void)state;
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (size_t nbytes = 10; nbytes < 1990; nbytes += 600) {
			struct history_content c;
			struct history_message m;
			struct dns_update u;

			fill(&c, 500, numbers[i], nbytes);
			assert_int_equal(
				history_message_write(&m, &c, zone, numbers[i], numbers[i]), 0);
			assert_true(m.nevents > 0 || numbers[i] == 0);
			assert_true(m.nevents <= HISTORY_MESSAGE_EVENTS_MAX);
			assert_int_equal(dns_update_init(&u), 0);
			assert_int_equal(dns_update_parse(&u, m.bytes, m.nbytes), 0);
			assert_int_equal(u.nprerequisites, m.nevents);
			assert_int_equal(u.nupdates, m.nevents + m.nremoved);
			free(m.bytes);
			assert_int_equal(history_message_write_question(&m, &c, zone, numbers[i]),
					 0);
			assert_int_equal(dns_update_parse(&u, m.bytes, m.nbytes), 0);
			assert_int_equal(u.nprerequisites, m.nevents);
			assert_int_equal(u.nupdates, 0);
			free(m.bytes);
			dns_update_fini(&u);
			history_content_fini(&c);
		}
}

static void no_more_is_removed_than_there_is(void **state)
{
	struct history_content c;
	struct history_message m;

	(void)state;
	fill(&c, 3, 1, 10);
	assert_int_equal(history_message_write(&m, &c, zone, 1, 10), 0);
	assert_int_equal(m.nremoved, 3);
	free(m.bytes);
	history_content_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_fit_are_in_a_message),
		cmocka_unit_test(no_more_is_removed_than_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
