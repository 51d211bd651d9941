/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "settings/settings.h"

/* Of all configurations; line 3 is the first of what follows. */
#define ZONES                                                                  \
	"zone: [{name: lab.cloud, file: f}, {name: lan.lab.cloud, file: f},\n" \
	"  {name: other.test, file: f}]\n"

static char reports[4000];

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t used = strlen(reports);
	const char *text = error->text, *path = strstr(text, "/tmp/");

	(void)arg;
	snprintf(reports + used, sizeof(reports) - used,
		 "%s%u: ", level == BASE_LOG_WARNING ? "w " : "", error->at.line);
	used = strlen(reports);
	if (path == NULL)
		snprintf(reports + used, sizeof(reports) - used, "%s\n", text);
	else
		snprintf(reports + used, sizeof(reports) - used, "%.*sFILE%s\n", (int)(path - text),
			 text, strchr(path, ':'));
}

/* Loads a configuration with `head` and `text`. */
static int whole_load(struct settings **config, const char *head, const char *text)
{
	char path[] = "/tmp/weft-mdns-XXXXXX", whole[4000];
	int fd = mkstemp(path), ret;

	snprintf(whole, sizeof(whole), "%s%s", head, text);
	assert_true(fd >= 0 && write(fd, whole, strlen(whole)) == (ssize_t)strlen(whole));
	reports[0] = '\0';
	ret = settings_load(config, path, on_report, NULL);
	close(fd);
	unlink(path);
	return ret;
}

static int config_load(struct settings **config, const char *text)
{
	return whole_load(config, ZONES, text);
}

static const uint8_t *name_of(const char *text)
{
	static uint8_t names[4][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 4];

	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	return name;
}

static void an_entry_with_a_zone_alone_announces_it(void **state)
{
	const struct settings_mdns *m;
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, "mdns: {zone: Lab.Cloud}\n"), 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->nmdns, 1);
	m = config->mdns;
	assert_string_equal(m->zone->name_text, "lab.cloud.");
	assert_int_equal(m->interfaces.count, 0);
	assert_int_equal(m->advertise.count, 0);
	assert_int_equal(m->discover.count, 0);
	assert_null(m->into_zone);
	assert_string_equal(m->host_suffix, "-lab");
	assert_int_equal(m->is_announced, 1);
	assert_int_equal(m->discover_max, 1000);
	settings_free(config);
}

static void every_option_reaches_its_field(void **state)
{
	static const char text[] =
		"mdns:\n"
		"  - {zone: lab.cloud, interface: [eth0, wlan0.7], advertise: [_HTTP._tcp, "
		"\"*\"],\n"
		"     discover: [_ipp._tcp, _printer._sub._ipp._tcp], exclude: _workstation._tcp,\n"
		"     into: Up.LAN.lab.cloud, host-suffix: \"\", announce: no, discover-max: 7}\n"
		"  - {zone: lab.cloud, interface: eth1, advertise: \"*\", host-suffix: x}\n"
		"  - {zone: other.test, discover: \"*\", into: lan.lab.cloud}\n";
	const struct settings_mdns *m;
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, text), 0);
	assert_string_equal(reports, "");
	assert_int_equal(config->nmdns, 3);
	m = config->mdns;
	assert_int_equal(m->interfaces.count, 2);
	assert_string_equal(m->interfaces.items[1], "wlan0.7");
	assert_int_equal(m->advertise.count, 1);
	assert_true(m->advertise.has_all);
	assert_memory_equal(m->advertise.items[0], name_of("_http._tcp."), 12);
	assert_int_equal(m->discover.count, 2);
	assert_false(m->discover.has_all);
	assert_true(dns_name_equal(m->discover.items[1], name_of("_printer._sub._ipp._tcp.")));
	assert_int_equal(m->exclude.count, 1);
	assert_string_equal(m->into_zone->name_text, "lan.lab.cloud.");
	assert_memory_equal(m->into, name_of("up.lan.lab.cloud."), 18);
	assert_string_equal(m->host_suffix, "");
	assert_int_equal(m->is_announced, 0);
	assert_int_equal(m->discover_max, 7);
	assert_string_equal(m->next->host_suffix, "x");
	m = m->next->next;
	assert_string_equal(m->into_zone->name_text, "lan.lab.cloud.");
	assert_string_equal(m->host_suffix, "-other");
	settings_free(config);
}

static const struct {
	const char *text, *reports;
} wrong[] = {
	{"mdns: {advertise: _http._tcp}\n", "3: mdns needs zone\n"},
	{"mdns: {zone: nowhere.test}\n", "3: there is no zone nowhere.test\n"},
	{"mdns: {zone: a..b}\n", "3: a..b is not a domain name\n"},
	{"mdns: {zone: lab.cloud, announce: no}\n",
	 "3: mdns neither advertises, discovers nor announces anything\n"},
	{"mdns:\n  zone: lab.cloud\n  advertise:\n    - _http._tcp\n    - http\n    - _http\n"
	 "    - _http._sctp\n    - a._http._tcp\n    - _-a._tcp\n    - _a-._tcp\n    - _a--b._tcp\n"
	 "    - _12._tcp\n    - _a_b._tcp\n    - _services._dns-sd._udp\n",
	 "7: advertise: http is not a service type such as _http._tcp\n"
	 "8: advertise: _http is not a service type such as _http._tcp\n"
	 "9: advertise: _http._sctp is not a service type such as _http._tcp\n"
	 "10: advertise: a._http._tcp is not a service type such as _http._tcp\n"
	 "11: advertise: _-a._tcp is not a service type such as _http._tcp\n"
	 "12: advertise: _a-._tcp is not a service type such as _http._tcp\n"
	 "13: advertise: _a--b._tcp is not a service type such as _http._tcp\n"
	 "14: advertise: _12._tcp is not a service type such as _http._tcp\n"
	 "15: advertise: _a_b._tcp is not a service type such as _http._tcp\n"
	 "16: advertise: _services._dns-sd._udp is not a service type such as _http._tcp\n"},
	{"mdns: {zone: lab.cloud, advertise: [_http._tcp, _HTTP._tcp., \"*\", \"*\"]}\n",
	 "3: advertise has _HTTP._tcp. twice\n3: advertise has * twice\n"},
	{"mdns: {zone: lab.cloud, advertise: _a._sub._http._tcp}\n",
	 "3: advertise: _a._sub._http._tcp is a subtype, but instances are bridged with their "
	 "subtypes: only discover takes one\n"},
	{"mdns: {zone: lab.cloud, advertise: _http._tcp, exclude: \"*\"}\n",
	 "3: exclude: * would leave nothing\n"},
	{"mdns: {zone: lab.cloud, interface: [eth0, eth0, a/b, 0123456789abcdef]}\n",
	 "3: interface has eth0 twice\n"
	 "3: interface: a/b cannot be the name of a network interface\n"
	 "3: interface: 0123456789abcdef cannot be the name of a network interface\n"},
	{"mdns:\n  zone: lab.cloud\n  discover: _http._tcp\n",
	 "5: discover needs into, the name below which the services of the LAN are registered\n"},
	{"mdns:\n  zone: lab.cloud\n  into: x.lab.cloud\n", "5: into needs discover\n"},
	{"mdns: {zone: lab.cloud, discover: _http._tcp, into: lan.example}\n",
	 "3: into: lan.example is not in a zone of this configuration\n"},
	{"mdns: {zone: lab.cloud, discover: _http._tcp, into: lab.cloud}\n",
	 "3: into: lab.cloud has all of the zone lab.cloud., of which then nothing can be "
	 "advertised: give a name below it, such as lan.lab.cloud.\n"},
	{"mdns:\n  - {zone: lab.cloud, discover: _http._tcp, into: lan.lab.cloud}\n"
	 "  - {zone: lan.lab.cloud, advertise: _http._tcp}\n",
	 "4: into: lan.lab.cloud has all of the zone lan.lab.cloud., of which then nothing can be "
	 "advertised: give a name below it, such as lan.lan.lab.cloud.\n"},
	{"mdns:\n  - {zone: lab.cloud, interface: eth0}\n  - {zone: other.test}\n"
	 "  - {zone: LAB.cloud, interface: [eth1, eth0]}\n",
	 "6: zone lab.cloud. is bridged to the same interfaces a second time, first at FILE:4\n"},
	{"mdns:\n  - {zone: lab.cloud, discover: _a._tcp, into: x.lab.cloud}\n"
	 "  - {zone: other.test, discover: _b._tcp, into: X.lab.cloud}\n",
	 "5: into: X.lab.cloud is given a second time, first at FILE:4\n"},
	{"mdns: {zone: lab.cloud, host-suffix: -}\n",
	 "3: host-suffix is at most 20 letters, digits and hyphens, not a hyphen at the end\n"},
	{"mdns: {zone: lab.cloud, host-suffix: a.b}\n",
	 "3: host-suffix is at most 20 letters, digits and hyphens, not a hyphen at the end\n"},
	{"mdns: {zone: lab.cloud, host-suffix: a123456789b123456789c}\n",
	 "3: host-suffix is at most 20 letters, digits and hyphens, not a hyphen at the end\n"},
	{"mdns: {zone: lab.cloud, discover-max: 0}\n",
	 "3: discover-max is from 1 to 10000, not 0\n"},
	{"mdns: {zone: lab.cloud, adverts: x}\n",
	 "3: unknown option adverts in mdns; did you mean advertise?\n"},
};

static void each_error_is_named_with_its_line(void **state)
{
	struct settings *config;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(config_load(&config, wrong[i].text), -EBADMSG);
		assert_string_equal(reports, wrong[i].reports);
	}
}

static void a_type_with_a_long_name_is_a_warning(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, "mdns: {zone: lab.cloud, advertise: "
					      "_androidtvremote2._tcp}\n"),
			 0);
	assert_string_equal(reports, "w 3: advertise: the name of a service type has at most 15 "
				     "characters\n");
	settings_free(config);
}

static void a_suffix_is_made_of_any_zone(void **state)
{
	static const struct {
		const char *zone, *suffix;
	} cases[] = {
		{"_x\\.y.test", "--x-y"},
		{"abcdefghijklmnopqrstuvwxyz.test", "-abcdefghijklmnopqrs"},
		{".", "-weft"},
		{"__.test", "-weft"},
	};
	struct settings *config;
	char head[200], text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(head, sizeof(head), "zone: {name: '%s', file: f}\n", cases[i].zone);
		snprintf(text, sizeof(text), "mdns: {zone: '%s'}\n", cases[i].zone);
		assert_int_equal(whole_load(&config, head, text), 0);
		assert_string_equal(config->mdns->host_suffix, cases[i].suffix);
		settings_free(config);
	}
}

static void collect(void *arg, enum settings_change change, const char *what)
{
	if (change == SETTINGS_OPTION)
		strcat(strcat(arg, what), "\n");
}

static void assert_changes(const char *one, const char *two, const char *expected)
{
	struct settings *now, *next;
	char changes[1000] = "";

	assert_int_equal(config_load(&now, one), 0);
	assert_int_equal(config_load(&next, two), 0);
	settings_compare(now, next, collect, changes);
	assert_string_equal(changes, expected);
	settings_free(now);
	settings_free(next);
}

static void entries_are_compared_as_one_option(void **state)
{
	(void)state;
	assert_changes("", "", "");
	assert_changes("", "mdns: {zone: lab.cloud}\n", "mdns\n");
	assert_changes("mdns: {zone: lab.cloud, advertise: [_a._tcp]}\n",
		       "mdns: [{zone: lab.cloud, advertise: _a._tcp}]\n", "");
	assert_changes("mdns: {zone: lab.cloud, advertise: [_a._tcp]}\n",
		       "mdns: {zone: lab.cloud, advertise: [_b._tcp]}\n", "mdns\n");
	assert_changes("mdns: {zone: lab.cloud}\n", "mdns: {zone: lab.cloud, announce: yes}\n", "");
	assert_changes("mdns: {zone: lab.cloud}\n", "mdns: {zone: lab.cloud, discover-max: 5}\n",
		       "mdns\n");
}

/* In a build without Avahi's library there is one error, and nothing else to test. */
static void without_avahi_the_option_is_an_error(void **state)
{
	struct settings *config;

	(void)state;
	assert_int_equal(config_load(&config, "mdns: {zone: lab.cloud}\n"), -EBADMSG);
	assert_string_equal(reports, "3: mdns is not possible: this weftd was built without "
				     "Avahi's library\n");
}

int main(void)
{
	const struct CMUnitTest without[] = {
		cmocka_unit_test(without_avahi_the_option_is_an_error),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_with_a_zone_alone_announces_it),
		cmocka_unit_test(every_option_reaches_its_field),
		cmocka_unit_test(each_error_is_named_with_its_line),
		cmocka_unit_test(a_type_with_a_long_name_is_a_warning),
		cmocka_unit_test(a_suffix_is_made_of_any_zone),
		cmocka_unit_test(entries_are_compared_as_one_option),
	};

	return WEFT_HAS_AVAHI ? cmocka_run_group_tests(tests, NULL, NULL)
			      : cmocka_run_group_tests(without, NULL, NULL);
}
