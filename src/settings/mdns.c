/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The `mdns:` entries of a configuration: what of which zone is bridged to the LAN and back. The
 * zones in them are looked up when all files are read. */

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "dnssd/kind.h"
#include "settings/settings_priv.h"

#define MDNS(field) offsetof(struct settings_mdns_entry, field)

enum { LIST = CONF_LIST, REQUIRED = CONF_REQUIRED };
enum {
	INTERFACES_MAX = 32,
	TYPES_MAX = 256,
	INTO_MAX = 128,	       /* octets: there must be room for the names of services */
	SERVICE_NAME_MAX = 15, /* characters: RFC 6335 section 5.1 */
	SUFFIX_MAX = 20,       /* characters */
};

static const char *const yes_words[] = {"no", "yes", NULL};

const struct conf_setting settings_mdns_table[] = {
	{"zone", &conf_type_located, .offset = MDNS(zone), .flags = REQUIRED},
	{"interface", &conf_type_located, .offset = MDNS(interface), .flags = LIST,
	 .initial_shown = "all that Avahi uses"},
	{"advertise", &conf_type_located, .offset = MDNS(advertise), .flags = LIST},
	{"discover", &conf_type_located, .offset = MDNS(discover), .flags = LIST},
	{"exclude", &conf_type_located, .offset = MDNS(exclude), .flags = LIST},
	{"into", &conf_type_located, .offset = MDNS(into)},
	{"host-suffix", &conf_type_located, .offset = MDNS(host_suffix),
	 .initial_shown = "- and the first label of the zone"},
	{"announce", &conf_type_word, .offset = MDNS(mdns.is_announced), .words = yes_words,
	 .initial = "yes"},
	{"discover-max", &conf_type_number, .offset = MDNS(mdns.discover_max), .min = 1,
	 .max = 10000, .initial = "1000"},
	{0},
};

/* ---- service types ---- */

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Returns whether the label is `_` and a service name: letters, digits and single hyphens within,
 * and at least one letter (RFC 6335 section 5.1). Its length is another matter. */
static bool is_service_name(const uint8_t *label)
{
	bool has_letter = false;

	for (unsigned i = 2; i <= label[0]; i++) {
		bool is_last = i == label[0];

		has_letter |= is_letter(label[i]);
		if (is_letter(label[i]) || is_digit(label[i]))
			continue;
		if (label[i] != '-' || i == 2 || is_last || label[i + 1] == '-')
			return false;
	}
	return has_letter;
}

/* Parses a service type, or a subtype of one, to a wire name in lower case. Returns false after
 * reporting an error. */
static bool type_parse(struct conf_reader *r, const char *option, const struct conf_text *text,
		       bool may_be_subtype, uint8_t out[static DNS_NAME_MAX])
{
	static const uint8_t root[] = {0};
	enum dnssd_kind kind;
	const uint8_t *type;

	if (dns_name_from_text(out, text->text, strlen(text->text), NULL) == 0)
		kind = DNSSD_OTHER;
	else
		kind = dnssd_kind_of(out, root);
	type = kind == DNSSD_SUBTYPE ? dnssd_kind_type(out, root) : out;
	if ((kind != DNSSD_TYPE && kind != DNSSD_SUBTYPE) || !is_service_name(type)) {
		conf_reader_error(r, &text->at, "%s: %s is not a service type such as _http._tcp",
				  option, text->text);
		return false;
	}
	if (kind == DNSSD_SUBTYPE && !may_be_subtype) {
		conf_reader_error(r, &text->at,
				  "%s: %s is a subtype, but instances are bridged with their "
				  "subtypes: only discover takes one",
				  option, text->text);
		return false;
	}
	if (type[0] > 1 + SERVICE_NAME_MAX)
		conf_reader_warn(r, &text->at,
				 "%s: the name of a service type has at most %d characters", option,
				 SERVICE_NAME_MAX);
	dns_name_lower(out, out);
	return true;
}

static bool types_have(const struct settings_service_types *types, const uint8_t *type)
{
	for (size_t i = 0; i < types->count; i++)
		if (dns_name_equal(types->items[i], type))
			return true;
	return false;
}

static void type_add(struct conf_reader *r, const char *option, const struct conf_text *text,
		     bool may_be_subtype, struct settings_service_types *out)
{
	uint8_t type[DNS_NAME_MAX];
	bool is_all = strcmp(text->text, "*") == 0;

	if (!is_all && !type_parse(r, option, text, may_be_subtype, type))
		return;
	if (is_all ? out->has_all : types_have(out, type))
		conf_reader_error(r, &text->at, "%s has %s twice", option, text->text);
	else if (is_all)
		out->has_all = true;
	else
		memcpy(out->items[out->count++], type, dns_name_nbytes(type));
}

static void types_parse(struct conf_reader *r, const char *option, const struct conf_texts *texts,
			bool may_be_subtype, struct settings_service_types *out)
{
	if (texts->count > TYPES_MAX) {
		conf_reader_error(r, &texts->items[TYPES_MAX].at, "%s has at most %d types", option,
				  TYPES_MAX);
		return;
	}
	out->items = conf_reader_alloc(r, (texts->count + 1) * sizeof(*out->items));
	for (size_t i = 0; out->items != NULL && i < texts->count; i++)
		if (texts->items[i].text != NULL)
			type_add(r, option, &texts->items[i], may_be_subtype, out);
}

/* ---- one entry ---- */

static bool interfaces_have(const struct settings_interfaces *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], name) == 0)
			return true;
	return false;
}

static void interfaces_parse(struct conf_reader *r, const struct conf_texts *texts,
			     struct settings_interfaces *out)
{
	if (texts->count > INTERFACES_MAX) {
		conf_reader_error(r, &texts->items[INTERFACES_MAX].at,
				  "interface has at most %d names", INTERFACES_MAX);
		return;
	}
	out->items = conf_reader_alloc(r, (texts->count + 1) * sizeof(*out->items));
	for (size_t i = 0; out->items != NULL && i < texts->count; i++) {
		const struct conf_text *t = &texts->items[i];

		if (t->text == NULL)
			continue;
		if (*t->text == '\0' || strlen(t->text) >= IFNAMSIZ ||
		    strpbrk(t->text, "/: \t") != NULL)
			conf_reader_error(r, &t->at,
					  "interface: %s cannot be the name of a network interface",
					  t->text);
		else if (interfaces_have(out, t->text))
			conf_reader_error(r, &t->at, "interface has %s twice", t->text);
		else
			out->items[out->count++] = t->text;
	}
}

/* What may be in the label of a host name (RFC 952). */
static bool is_of_host(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '-';
}

static void suffix_check(struct conf_reader *r, const struct conf_text *suffix)
{
	const char *text = suffix->text;
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (!is_of_host((uint8_t)text[i]) || n > SUFFIX_MAX || text[n - 1] == '-') {
			conf_reader_error(r, &suffix->at,
					  "host-suffix is at most %d letters, digits and hyphens, "
					  "not a hyphen at the end",
					  SUFFIX_MAX);
			return;
		}
}

/* Makes the suffix of a zone's hosts when none is given. */
static const char *suffix_of_zone(struct conf_reader *r, const uint8_t *zone)
{
	char suffix[SUFFIX_MAX + 1] = "-";
	size_t n = 1;

	for (unsigned i = 1; i <= zone[0] && n < SUFFIX_MAX; i++)
		suffix[n++] = is_of_host(zone[i]) ? (char)zone[i] : '-';
	while (n > 1 && suffix[n - 1] == '-')
		n--;
	suffix[n] = '\0';
	return conf_reader_copy(r, n > 1 ? suffix : "-weft");
}

static void entry_check(struct conf_reader *r, const struct settings_mdns_entry *entry)
{
	bool is_discovering = entry->discover.count > 0;

	if (!WEFT_HAS_AVAHI)
		conf_reader_error(r, &entry->mdns.at,
				  "mdns is not possible: this weftd was built without Avahi's "
				  "library");
	if (is_discovering && entry->into.text == NULL)
		conf_reader_error(r, &entry->discover.items[0].at,
				  "discover needs into, the name below which the services of the "
				  "LAN are registered");
	if (!is_discovering && entry->into.text != NULL)
		conf_reader_error(r, &entry->into.at, "into needs discover");
	if (entry->mdns.exclude.has_all)
		conf_reader_error(r, &entry->mdns.at, "exclude: * would leave nothing");
	if (!is_discovering && entry->advertise.count == 0 && !entry->mdns.is_announced)
		conf_reader_error(r, &entry->mdns.at,
				  "mdns neither advertises, discovers nor announces anything");
}

static void entry_read(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct settings_loading *load = (struct settings_loading *)r;
	struct settings_mdns_entry *entry = conf_reader_alloc(r, sizeof(*entry));
	struct settings_mdns *m;

	(void)arg;
	if (entry == NULL)
		return;
	m = &entry->mdns;
	m->at = conf_table_locate(r, item);
	conf_table_set_defaults(r, settings_mdns_table, entry);
	conf_table_read_item(r, settings_mdns_table, item, entry, "mdns");
	if (r->is_short_of_memory || entry->zone.text == NULL)
		return;
	interfaces_parse(r, &entry->interface, &m->interfaces);
	types_parse(r, "advertise", &entry->advertise, false, &m->advertise);
	types_parse(r, "discover", &entry->discover, true, &m->discover);
	types_parse(r, "exclude", &entry->exclude, false, &m->exclude);
	entry_check(r, entry);
	m->host_suffix = entry->host_suffix.text;
	if (m->host_suffix != NULL)
		suffix_check(r, &entry->host_suffix);
	*load->mdns_end = m;
	load->mdns_end = &m->next;
	load->whole->config.nmdns++;
}

void settings_mdns_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, entry_read, field);
}

/* ---- all entries ---- */

static void zone_look_up(struct settings_loading *load, struct settings_mdns_entry *entry)
{
	struct conf_reader *r = &load->reader;
	uint8_t name[DNS_NAME_MAX];

	if (!settings_key_parse_name(r, &entry->zone, name))
		return;
	entry->mdns.zone = settings_zone_find(&load->whole->config, name);
	if (entry->mdns.zone == NULL)
		conf_reader_error(r, &entry->zone.at, "there is no zone %s", entry->zone.text);
	else if (entry->mdns.host_suffix == NULL)
		entry->mdns.host_suffix = suffix_of_zone(r, name);
}

/* Finds the zone that `into` is in: the closest one at or above it. */
static void into_look_up(struct settings_loading *load, struct settings_mdns_entry *entry)
{
	struct conf_reader *r = &load->reader;
	struct settings_mdns *m = &entry->mdns;
	const uint8_t *name = m->into;

	if (entry->into.text == NULL || !settings_key_parse_name(r, &entry->into, m->into))
		return;
	if (dns_name_nbytes(name) > INTO_MAX) {
		conf_reader_error(r, &entry->into.at, "into has at most %d octets", INTO_MAX);
		return;
	}
	while ((m->into_zone = settings_zone_find(&load->whole->config, name)) == NULL &&
	       name[0] != 0)
		name = dns_name_strip(name, 1);
	if (m->into_zone == NULL)
		conf_reader_error(r, &entry->into.at,
				  "into: %s is not in a zone of this "
				  "configuration",
				  entry->into.text);
}

static bool are_overlapping(const struct settings_interfaces *a,
			    const struct settings_interfaces *b)
{
	if (a->count == 0 || b->count == 0)
		return true;
	for (size_t i = 0; i < a->count; i++)
		if (interfaces_have(b, a->items[i]))
			return true;
	return false;
}

/* Checks an entry against one that precedes it. */
static void pair_check(struct conf_reader *r, const struct settings_mdns_entry *entry,
		       const struct settings_mdns_entry *earlier)
{
	const struct settings_mdns *a = &earlier->mdns, *b = &entry->mdns;

	/* Both would announce the zone, and give names on the LAN to its instances. */
	if (a->zone != NULL && a->zone == b->zone &&
	    are_overlapping(&a->interfaces, &b->interfaces))
		conf_reader_error(r, &b->at,
				  "zone %s is bridged to the same interfaces a second time, first "
				  "at %s:%u",
				  b->zone->name_text, a->at.file, a->at.line);
	if (a->into_zone != NULL && b->into_zone != NULL && dns_name_equal(a->into, b->into))
		conf_reader_error(r, &entry->into.at,
				  "into: %s is given a second time, first at %s:%u",
				  entry->into.text, earlier->into.at.file, earlier->into.at.line);
}

/* What is discovered is never advertised: so a zone that is advertised must not be where
 * discovered services are registered, but may be above that. */
static void into_check(struct settings_loading *load, const struct settings_mdns_entry *entry)
{
	for (const struct settings_mdns *m = load->whole->config.mdns; m != NULL; m = m->next) {
		bool is_advertised = m->advertise.count > 0 || m->advertise.has_all;

		if (m->zone != NULL && (is_advertised || m == &entry->mdns) &&
		    dns_name_is_under(m->zone->name, entry->mdns.into)) {
			conf_reader_error(&load->reader, &entry->into.at,
					  "into: %s has all of the zone %s, of which then nothing "
					  "can be advertised: give a name below it, such as "
					  "lan.%.200s",
					  entry->into.text, m->zone->name_text, m->zone->name_text);
			return;
		}
	}
}

void settings_mdns_finish(struct settings_loading *load)
{
	struct settings_mdns *first = load->whole->config.mdns;

	/* Each is the beginning of its entry. */
	for (struct settings_mdns *m = first; m != NULL; m = m->next) {
		zone_look_up(load, (struct settings_mdns_entry *)m);
		into_look_up(load, (struct settings_mdns_entry *)m);
	}
	for (struct settings_mdns *m = first; m != NULL; m = m->next) {
		const struct settings_mdns_entry *entry = (const struct settings_mdns_entry *)m;

		if (m->into_zone != NULL)
			into_check(load, entry);
		for (struct settings_mdns *e = first; e != m; e = e->next)
			pair_check(&load->reader, entry, (const struct settings_mdns_entry *)e);
	}
}
