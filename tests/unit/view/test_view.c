/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The service view in all its cases is in tests/system/test_services.py; these tests are about
 * short memory, batches that are undone, and a restart from the disk. */

#include "../memory.h"
#include "../registry/kit.h"

#define WEB "web._http._tcp"
#define API "api._http._tcp"
#define TYPE "_http._tcp"
#define SUB "_p._sub._http._tcp"
#define ADDRESS "7.0.0.10.in-addr.arpa."
#define REGISTER_WEB                                                                             \
	"- " WEB "; + " WEB " SRV 80 n1.nodes; + " WEB " TXT a=b; + n1.nodes A 10.0.0.7; + " SUB \
	" PTR " WEB

static bool is_browsed(struct kit_world *w, const char *name)
{
	return kit_points(w, TYPE, name);
}

static void a_live_instance_has_all_derived_records_and_an_ended_one_none(void **state)
{
	struct kit_world *w = *state;
	unsigned before = kit_count(w, TYPE, "SRV");

	assert_int_equal(kit_do(w, "n1", 30, 0, REGISTER_WEB), 0);
	assert_true(is_browsed(w, WEB) && kit_points(w, SUB, WEB) &&
		    kit_points(w, ADDRESS, "n1.nodes"));
	assert_true(kit_points(w, "_services._dns-sd._udp", TYPE) &&
		    kit_points(w, "lb._dns-sd._udp", "lab.cloud."));
	assert_int_equal(kit_count(w, TYPE, "SRV"), before + 1);
	assert_int_equal(kit_wrong(w), 0);
	kit_pass(w, 30000);
	assert_false(is_browsed(w, WEB) || kit_points(w, SUB, WEB) ||
		     kit_points(w, ADDRESS, "n1.nodes"));
	assert_int_equal(kit_count(w, TYPE, "SRV"), before);
	assert_int_equal(kit_wrong(w), 0);
}

/* Changes of a world where `web` is registered. Each by itself can be undone, and changes
 * nothing if memory is short. */
static const struct {
	const char *key, *update; /* without key: drain, or (with an update) undrain */
} deeds[] = {
	{"n1", REGISTER_WEB "; + _q._sub._http._tcp PTR " WEB},
	{"n1", "- " WEB},
	{"n1", "- " WEB " TXT; + " WEB " TXT state=failed"},
	{"admin", "- " WEB " SRV; + " WEB " SRV 81 n2.nodes; + n2.nodes A 10.0.0.7"},
	{"n1", "+ new._ipp._tcp SRV 1 n1.nodes; + _x._sub._ipp._tcp PTR new._ipp._tcp"},
	{"n1", "- n1.nodes A"},
	{"n2", "+ _suspect." WEB " TXT n2"},
	{"n3", "+ _suspect." API " TXT n3"},
	{"n1", "+ " API " SRV 81 n1.nodes; + " API " TXT again"},
	{NULL, NULL},
	{NULL, "undrain"},
};

static int deed(struct kit_world *w, unsigned i)
{
	int ret = deeds[i].key == NULL ? 0 : kit_update(w, deeds[i].key, 30, 0, deeds[i].update);

	assert_true(ret <= 0); /* none is refused */
	if (deeds[i].key != NULL)
		return ret;
	return kit_drain(w, deeds[i].update == NULL ? WEB : "old._http._tcp",
			 deeds[i].update == NULL);
}

/* web is live, old is drained, api needs one more report to be suspect. */
static void scene(struct kit_world *w)
{
	w->services.srv_max = 2;
	assert_int_equal(kit_do(w, "n1", 300, 0, REGISTER_WEB), 0);
	assert_int_equal(kit_do(w, "n1", 300, 0,
				"+ old._http._tcp SRV 82 n1.nodes; + old._http._tcp TXT state=up"),
			 0);
	assert_int_equal(kit_do(w, "n1", 300, 0, "+ " API " SRV 81 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n1", 300, 0, "+ third._http._tcp SRV 83 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ _suspect." WEB " TXT n2"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ _suspect." API " TXT n2"), 0);
	assert_int_equal(kit_drain(w, "old._http._tcp", true), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_wrong(w), 0);
	assert_true(is_browsed(w, WEB) && is_browsed(w, API) && !is_browsed(w, "old._http._tcp"));
}

static void a_batch_that_is_undone_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		uint32_t serial = zone_snapshot_serial(zone_current(w->zone)), after;

		assert_true(deed(w, i) >= 0);
		kit_undo(w);
		assert_int_equal(kit_wrong(w), 0);
		/* The undone change has no effect on the next update either. */
		assert_int_equal(kit_do(w, "n1", 300, 0, "+ n1.nodes TXT x"), 0);
		assert_int_equal(kit_wrong(w), 0);
		after = zone_snapshot_serial(zone_current(w->zone));
		assert_true(after == serial || i == 0);
	}
}

static void a_batch_that_lacks_memory_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		int ret = -1, n = 0;

		do {
			memory_fail_after(n);
			ret = deed(w, i);
			if (ret >= 0)
				ret = kit_commit(w, false);
			else
				kit_undo(w);
			memory_fail_after(MEMORY_ENOUGH);
			if (ret < 0)
				assert_true(memory_has_failed());
			assert_int_equal(kit_wrong(w), 0);
			n++;
		} while (memory_has_failed() && n < 1000);
		assert_true(ret >= 0 && n > 1 && n < 1000);
	}
}

static void a_restart_finds_marks_and_subtypes_again(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	assert_int_equal(kit_do(w, "n3", 0, 0, "+ _suspect." API " TXT n3"), 0);
	assert_false(is_browsed(w, API));
	kit_restart(w, 1000);
	assert_int_equal(kit_wrong(w), 0);
	assert_false(is_browsed(w, API) || is_browsed(w, "old._http._tcp"));
	assert_int_equal(w->state.view.stats.ndrained, 1);
	assert_int_equal(w->state.view.stats.nlive, 3); /* web, third, and the file's */
	assert_int_equal(w->state.view.stats.nsuspects, 1);
	assert_int_equal(kit_do(w, "n1", 300, 0, "- " WEB " TXT; + " WEB " TXT state=failed"), 0);
	assert_false(kit_points(w, SUB, WEB));
	kit_restart(w, 1000);
	assert_int_equal(kit_do(w, "n1", 300, 0,
				"- " WEB " TXT; + " WEB " TXT state=up; + " API " SRV 81 n1.nodes"),
			 0);
	assert_true(kit_points(w, SUB, WEB) && is_browsed(w, API));
	assert_int_equal(kit_drain(w, "old._http._tcp", false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_true(is_browsed(w, "old._http._tcp"));
	assert_int_equal(kit_wrong(w), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_live_instance_has_all_derived_records_and_an_ended_one_none),
		TEST(a_batch_that_is_undone_changes_nothing),
		TEST(a_batch_that_lacks_memory_changes_nothing),
		TEST(a_restart_finds_marks_and_subtypes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
