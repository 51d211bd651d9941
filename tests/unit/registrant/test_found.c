/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registrant/records.h"

/* Writes pairs that are separated by bars. Returns the length of the record. */
static size_t txt_make(uint8_t *out, const char *pairs)
{
	size_t n = 0;

	while (*pairs != '\0') {
		size_t npair = strcspn(pairs, "|");

		out[n] = (uint8_t)npair;
		memcpy(out + n + 1, pairs, npair);
		n += npair + 1;
		pairs += npair + (pairs[npair] == '|');
	}
	return n;
}

static struct registrant_present present_make(const char *pairs)
{
	struct registrant_present p = {.is_known = true, .is_there = pairs != NULL};

	if (pairs == NULL)
		return p;
	p.ntxt = (uint16_t)txt_make(p.txt, pairs);
	p.incarnation = registrant_records_incarnation(p.txt, p.ntxt);
	return p;
}

static void a_claim_is_of_the_holder_that_its_text_names(void **state)
{
	static const struct {
		const char *there;
		enum registrant_found found;
	} cases[] = {
		{NULL, REGISTRANT_FOUND_NOTHING},
		{"by=web-1|pid=2", REGISTRANT_FOUND_SAME},
		{"by=web-1|pid=1", REGISTRANT_FOUND_OURS},
		{"pid=2|by=web-1", REGISTRANT_FOUND_OURS},
		{"by=web-12|pid=2", REGISTRANT_FOUND_OTHERS},
		{"by=web-|pid=2", REGISTRANT_FOUND_OTHERS},
		{"by|pid=2", REGISTRANT_FOUND_OTHERS},
		{"", REGISTRANT_FOUND_OTHERS}, /* several records are read like that */
	};
	uint8_t txt[64];
	struct registrant_settings settings = {.kind = REGISTRANT_CLAIM, .txt = txt};
	const struct registrant_service s = {.settings = &settings};

	(void)state;
	settings.ntxt = txt_make(txt, "by=web-1|pid=2");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct registrant_present p = present_make(cases[i].there);

		assert_int_equal(registrant_found_judge(&s, &p), cases[i].found);
	}
}

static void an_instance_is_of_the_node_and_of_the_life_that_its_text_names(void **state)
{
	static const struct {
		const char *there;
		bool can_take_over;
		enum registrant_found found;
	} cases[] = {
		{NULL, false, REGISTRANT_FOUND_NOTHING},
		{"node=n1|id=web|inc=7", false, REGISTRANT_FOUND_SAME},
		{"node=n1|id=web|inc=7", true, REGISTRANT_FOUND_SAME},
		{"node=n1|id=web|inc=7|state=failed", false, REGISTRANT_FOUND_OURS},
		{"node=n1|id=web|inc=6", false, REGISTRANT_FOUND_OURS},
		{"id=web", false, REGISTRANT_FOUND_OURS},
		{"node=n1|id=web|inc=8", false, REGISTRANT_FOUND_LATER},
		{"node=n2|id=web|inc=8", false, REGISTRANT_FOUND_LATER},
		{"node=n2|id=web|inc=8", true, REGISTRANT_FOUND_LATER},
		{"node=n2|id=web|inc=7", true, REGISTRANT_FOUND_LATER},
		{"node=n2|id=web|inc=6", false, REGISTRANT_FOUND_OTHERS},
		{"node=n2|id=web|inc=6", true, REGISTRANT_FOUND_OURS},
		{"node=n11|id=web|inc=6", false, REGISTRANT_FOUND_OTHERS},
	};
	uint8_t txt[64];
	struct registrant_settings settings = {.incarnation = 7, .id = "web", .txt = txt};
	const struct registrant_service s = {.settings = &settings, .incarnation = 7};

	(void)state;
	settings.ntxt = txt_make(txt, "node=n1");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct registrant_present p = present_make(cases[i].there);

		settings.can_take_over = cases[i].can_take_over;
		assert_int_equal(registrant_found_judge(&s, &p), cases[i].found);
	}
}

static const char *holder_of(const struct registrant_service *s, const struct registrant_present *p)
{
	static char holder[UINT8_MAX + 1];

	registrant_found_holder(s, p, holder);
	return holder;
}

static void the_holder_is_named(void **state)
{
	struct registrant_settings settings = {.kind = REGISTRANT_CLAIM};
	const struct registrant_service s = {.settings = &settings};
	struct registrant_present p = present_make("pid=1|by=web-1");
	char why[REGISTRANT_WHY_MAX];

	(void)state;
	registrant_found_explain(&s, &p, why);
	assert_string_equal(why, "web-1");
	p = present_make("");
	registrant_found_explain(&s, &p, why);
	assert_string_equal(why, "?");
	settings.kind = REGISTRANT_INSTANCE;
	p = present_make("node=n2|inc=6");
	registrant_found_explain(&s, &p, why);
	assert_string_equal(why, "registered by node n2, as incarnation 6");
	assert_string_equal(holder_of(&s, &p), "n2");
	settings.kind = REGISTRANT_CLAIM;
	p = present_make("by=web-1");
	assert_string_equal(holder_of(&s, &p), "web-1");
	p = present_make(NULL);
	assert_string_equal(holder_of(&s, &p), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claim_is_of_the_holder_that_its_text_names),
		cmocka_unit_test(an_instance_is_of_the_node_and_of_the_life_that_its_text_names),
		cmocka_unit_test(the_holder_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
