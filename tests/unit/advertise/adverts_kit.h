/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/adverts_kit.h - the adverts of a zone lab.cloud on the LAN of lan_kit.h. */
#pragma once

#include "../zone/kit.h"

#include "advertise/advertise.h"
#include "advertise/names.h"
#include "advertise/settings.h"
#include "mdns/changes.h"
#include "mdns/rows.h"
#include "mdns/rules.h"
#include "mdns/stats.h"

#include "../folder.h"
#include "../mdns/lan_kit.h"
#include "../memory.h"

#define KIT_HEAD                                              \
	"$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n" \
	"n1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\n"
#define KIT_WEB                                                                  \
	"_services._dns-sd._udp PTR _http._tcp\n_http._tcp PTR web._http._tcp\n" \
	"web._http._tcp SRV 0 0 80 n1.nodes\nweb._http._tcp TXT path=/\n"

static struct {
	struct zone *zone, *other; /* lab.cloud and its neighbour, dev.cloud, without a rule */
	struct mdns_changes queue;
	struct mdns_rule rule;
	struct mdns_rules rules;
	struct advertise_names *names;
	struct mdns_rows rows;
	struct mdns_stats stats;
	struct advertise *adverts;
	char folder[FOLDER_PATH_MAX];
	uint8_t types[4][DNS_NAME_MAX], excluded[1][DNS_NAME_MAX];
} kit;

static inline void kit_type(struct mdns_types *types, uint8_t (*items)[DNS_NAME_MAX],
			    const char *text)
{
	types->items = items;
	memcpy(items[types->count], kit_name(text), dns_name_nbytes(kit_name(text)));
	types->count++;
}

/* Makes the adverts of the zone as it is; with `*` if no type is set. */
static inline struct advertise *kit_adverts(mdns_id id)
{
	struct advertise_settings settings = {.rules = &kit.rules,
					      .rule = &kit.rule,
					      .names = kit.names,
					      .rows = &kit.rows,
					      .stats = &kit.stats,
					      .id = id,
					      .seed = 42};

	kit.rule.zone = kit.zone;
	kit.rule.host_suffix = "-lab";
	kit.rules = (struct mdns_rules){.items = &kit.rule, .count = 1};
	return advertise_new(&settings);
}

static inline void kit_begin(const char *records)
{
	char text[8192];

	snprintf(text, sizeof(text), KIT_HEAD "%s", records);
	kit.zone = kit_zone("lab.cloud.", text);
	base_rcu_offline();
	kit.rule.advertise.has_all = kit.rule.advertise.count == 0;
	kit.adverts = kit_adverts(1);
	assert_non_null(kit.adverts);
	assert_int_equal(advertise_read(kit.adverts), 0);
}

static inline int kit_remove(void *arg, const struct dns_record *r)
{
	return zone_draft_remove(arg, r->owner, r->type, r->rdata, r->nbytes) < 0 ? -1 : 0;
}

/* Reads the changesets that wait. */
static inline int kit_apply(void)
{
	bool has_lost_one;
	struct mdns_changeset *set = mdns_changes_take(&kit.queue, &has_lost_one), *next;
	int ret = 0;

	for (; set != NULL; set = next) {
		next = (struct mdns_changeset *)set->link.next;
		if (advertise_change(kit.adverts, set) < 0)
			ret = -1;
		mdns_changes_free(&kit.queue, set);
	}
	return ret;
}

/* Removes records from the zone and adds others, without telling the adverts. */
static inline void kit_edit(const char *removed, const char *added)
{
	char path[] = "/tmp/weft-kit-XXXXXX", text[1 << 16];
	struct zone_changeset changes;
	struct text_reader reader = {
		.origin = zone_name(kit.zone), .on_record = kit_remove, .on_report = kit_report};
	int fd = mkstemp(path);

	base_rcu_online();
	reader.arg = zone_draft_new(kit.zone);
	snprintf(text, sizeof(text), "$TTL 3600\n%s", removed);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(text_zonefile_read(path, &reader), 0);
	unlink(path);
	snprintf(text, sizeof(text), "$TTL 3600\n%s", added);
	kit_add(reader.arg, text);
	assert_int_equal(zone_draft_seal(reader.arg, &changes), 1);
	zone_draft_show(reader.arg);
	mdns_changes_put(&kit.queue, kit.zone, &changes);
	zone_draft_finish(reader.arg);
	base_rcu_offline();
}

static inline void kit_change(const char *removed, const char *added)
{
	kit_edit(removed, added);
	assert_int_equal(kit_apply(), 0);
}

static inline int kit_begin_test(void **state)
{
	(void)state;
	memory_fail_after(MEMORY_ENOUGH);
	memset(&kit, 0, sizeof(kit));
	base_rcu_register();
	folder_make(kit.folder, "adverts");
	kit.names = advertise_names_open(kit.folder, 42);
	assert_non_null(kit.names);
	mdns_rows_init(&kit.rows);
	mdns_changes_init(&kit.queue);
	return 0;
}

static inline int kit_end_test(void **state)
{
	(void)state;
	memory_fail_after(MEMORY_ENOUGH);
	advertise_free(kit.adverts);
	lan_kit_reset();
	mdns_rows_fini(&kit.rows);
	advertise_names_close(kit.names);
	mdns_changes_fini(&kit.queue);
	folder_remove(kit.folder);
	zone_free(kit.zone);
	base_rcu_online();
	base_rcu_unregister();
	assert_int_equal(kit.stats.nadvertised, 0);
	assert_int_equal(kit.stats.nstandby, 0);
	assert_int_equal(kit.stats.nrefused, 0);
	assert_int_equal(kit.stats.nrenamed, 0);
	return 0;
}

static inline void kit_has(const char *line)
{
	if (strstr(lan_kit_records(), line) == NULL)
		fail_msg("%s is not among\n%s", line, lan_kit_records());
}

static inline void kit_has_not(const char *text)
{
	if (strstr(lan_kit_records(), text) != NULL)
		fail_msg("%s is among\n%s", text, lan_kit_records());
}

/* Returns the row of an instance; NULL if it has none. */
static inline const struct mdns_row *kit_row(const char *name)
{
	for (const struct mdns_row *r = kit.rows.first; r != NULL; r = r->next)
		if (dns_name_equal(r->name, kit_name(name)))
			return r;
	return NULL;
}

#define kit_is(name, expected) assert_int_equal(kit_row(name)->state, MDNS_ROW_##expected)
