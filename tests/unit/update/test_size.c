/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <string.h>

/* web.lab.cloud. has two A and one TXT of four octets: 36 and 52 octets, two sets. */
struct refusal {
	struct zone_limits limits;
	const char *updates;
	const char *text; /* NULL: it is done */
};

static void set_limits(struct kit_fixture *f, const struct zone_limits *limits)
{
	zone_draft_abort(f->draft);
	zone_set_limits(f->zone, limits);
	f->draft = zone_draft_new(f->zone);
}

static void adding_too_much_is_refused_before_anything_is_changed(void **state)
{
	static const struct refusal cases[] = {
		{{2, 2, 48, 52}, "IN 120 web.lab.cloud. A 192.0.2.10", NULL},
		{{2, 2, 48, 52}, "IN 120 new.lab.cloud. A 192.0.2.1", NULL},
		{{2, 2, 48, 52}, "IN 5 web.lab.cloud. TXT one", NULL},
		{{2, 9, 900, 900},
		 "IN 60 web.lab.cloud. AAAA 2001:db8::1",
		 "update 1: web.lab.cloud. AAAA makes more than 2 RRsets at the name (limits: "
		 "rrsets)"},
		{{9, 2, 900, 900},
		 "IN 60 marker.lab.cloud. TXT x\nIN 60 web.lab.cloud. A 192.0.2.3",
		 "update 2: web.lab.cloud. A makes more than 2 records in the RRset (limits: "
		 "records)"},
		{{9, 9, 47, 900},
		 "IN 60 web.lab.cloud. A 192.0.2.3",
		 "update 1: web.lab.cloud. A makes more than 47 octets in the RRset (limits: "
		 "rrset-size)"},
		{{9, 9, 48, 900}, "IN 60 web.lab.cloud. A 192.0.2.3", NULL},
		{{9, 9, 900, 63},
		 "IN 60 web.lab.cloud. A 192.0.2.3",
		 "update 1: web.lab.cloud. A makes more than 63 octets at the name (limits: "
		 "name-size)"},
		/* Records count once, and not if they are in the zone. */
		{{9, 3, 900, 900},
		 "IN 60 web.lab.cloud. A 192.0.2.3\nIN 60 WEB.lab.cloud. A 192.0.2.3\n"
		 "IN 60 web.lab.cloud. A 192.0.2.10\nIN 60 web.lab.cloud. A 192.0.2.11",
		 NULL},
		{{1, 2, 900, 900},
		 "IN 60 a.lab.cloud. A 192.0.2.1\nIN 60 b.lab.cloud. A 192.0.2.1\n"
		 "IN 60 a.lab.cloud. A 192.0.2.2\nIN 60 b.lab.cloud. TXT x",
		 "update 4: b.lab.cloud. TXT makes more than 1 RRsets at the name (limits: "
		 "rrsets)"},
	};
	struct kit_fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set_limits(f, &cases[i].limits);
		if (cases[i].text == NULL) {
			assert_int_equal(kit_send(f, "", cases[i].updates), DNS_RCODE_NOERROR);
			continue;
		}
		assert_int_equal(kit_send(f, "", cases[i].updates), DNS_RCODE_REFUSED);
		assert_string_equal(f->result.text, cases[i].text);
		assert_int_equal(f->result.bound, UPDATE_BOUND_SIZE);
		assert_int_equal(f->result.ede, DNS_EDE_OTHER);
		kit_assert_holds(f, "marker.lab.cloud.", "");
	}
}

static void an_update_that_deletes_is_decided_as_it_goes(void **state)
{
	static const struct refusal cases[] = {
		{{2, 2, 900, 900},
		 "ANY 0 web.lab.cloud. A\nIN 60 web.lab.cloud. A 192.0.2.3\n"
		 "IN 60 web.lab.cloud. A 192.0.2.4",
		 NULL},
		{{2, 2, 900, 900},
		 "NONE 0 web.lab.cloud. A 192.0.2.10\nIN 60 web.lab.cloud. A 192.0.2.3",
		 NULL},
		{{2, 2, 900, 900},
		 "ANY 0 web.lab.cloud. ANY\nIN 60 web.lab.cloud. AAAA 2001:db8::1\n"
		 "IN 60 web.lab.cloud. TXT x",
		 NULL},
		{{2, 2, 900, 900},
		 "NONE 0 web.lab.cloud. A 192.0.2.10\nIN 60 web.lab.cloud. A 192.0.2.3\n"
		 "IN 60 web.lab.cloud. A 192.0.2.4",
		 "update 3: web.lab.cloud. A makes more than 2 records in the RRset (limits: "
		 "records)"},
		/* The records between are within the limits, too. */
		{{2, 2, 900, 900},
		 "IN 60 web.lab.cloud. AAAA 2001:db8::1\nANY 0 web.lab.cloud. A",
		 "update 1: web.lab.cloud. AAAA makes more than 2 RRsets at the name (limits: "
		 "rrsets)"},
	};
	struct kit_fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set_limits(f, &cases[i].limits);
		kit_message(f, "", cases[i].updates);
		assert_int_equal(kit_run(f, f->msg, f->nbytes, kit_bench),
				 cases[i].text == NULL ? DNS_RCODE_NOERROR : -ECANCELED);
		if (cases[i].text == NULL)
			continue;
		assert_string_equal(f->result.text, cases[i].text);
		assert_int_equal(f->result.rcode, DNS_RCODE_REFUSED);
		assert_int_equal(f->result.bound, UPDATE_BOUND_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(adding_too_much_is_refused_before_anything_is_changed),
		KIT_TEST(an_update_that_deletes_is_decided_as_it_goes),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
