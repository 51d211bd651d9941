/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/policy.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "update/types.h"

enum ruletype { NAME, SUBDOMAIN, ZONESUB, WILDCARD, SELF, SELFSUB, SELFWILD };

struct rule {
	char *text;
	uint8_t *identity, *name; /* wire names, lower case; `name` NULL if the type has none */
	uint16_t *types;
	size_t ntypes;
	enum ruletype ruletype;
	bool is_grant;
	bool has_any_type; /* ANY is in `types` */
	bool is_blanket;   /* every name and every type: `update: {key: ...}` */
};

struct update_policy {
	uint64_t number;
	uint8_t *fabric;	 /* wire name: the built-in policy, without rules */
	uint8_t *lan_key, *into; /* wire names: that for the LAN bridge, without rules; or NULL */
	struct update_types *types; /* beside a built-in policy; or NULL */
	struct update_quota *quota; /* or NULL */
	size_t count;
	struct rule rules[];
};

static const struct {
	const char *text;
	enum ruletype ruletype;
} ruletypes[] = {
	{"name", NAME}, {"subdomain", SUBDOMAIN}, {"zonesub", ZONESUB},	  {"wildcard", WILDCARD},
	{"self", SELF}, {"selfsub", SELFSUB},	  {"selfwild", SELFWILD},
};

/* Rule types of BIND that need Kerberos or the client's address as identity, which weftd lacks. */
static const char *const foreign_ruletypes[] = {
	"6to4-self",
	"external",
	"krb5-self",
	"krb5-selfsub",
	"krb5-subdomain",
	"local",
	"ms-self",
	"ms-selfsub",
	"ms-subdomain",
	"tcp-self",
	"krb5-subdomain-self-rhs",
	"ms-subdomain-self-rhs",
};

/* One rule being parsed: words are taken off the front of `text`. */
struct parser {
	const char *text;
	const uint8_t *zone;
	struct rule *rule;
	update_policy_error_fn on_error;
	void *arg;
	size_t index;
};

/* A word of the rule, borrowed from it; `text` is NULL after the last one. */
struct word {
	const char *text;
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes the next word; names may be in quotes, as in BIND's configuration. */
static struct word next_word(struct parser *p)
{
	struct word w = {0};

	while (is_blank(*p->text))
		p->text++;
	if (*p->text == '\0')
		return w;
	if (*p->text == '"') {
		w.text = ++p->text;
		w.n = strcspn(w.text, "\"");
		p->text += w.n;
		if (*p->text == '"')
			p->text++;
		return w;
	}
	w.text = p->text;
	while (*p->text != '\0' && !is_blank(*p->text))
		p->text++;
	w.n = (size_t)(p->text - w.text);
	return w;
}

static bool word_is(struct word w, const char *text)
{
	return strlen(text) == w.n && strncasecmp(w.text, text, w.n) == 0;
}

/* Reports `what` and the word at fault. Returns -EBADMSG, so that the caller can end with it. */
static int wrong(const struct parser *p, const char *what, struct word w)
{
	char text[256];

	if (w.n == 0)
		snprintf(text, sizeof(text), "update policy: %s", what);
	else
		snprintf(text, sizeof(text), "update policy: %s: \"%.*s\"", what,
			 (int)(w.n > 100 ? 100 : w.n), w.text);
	p->on_error(p->arg, p->index, text);
	return -EBADMSG;
}

static int name_copy(uint8_t **out, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, name);

	*out = malloc(n);
	if (*out == NULL)
		return -ENOMEM;
	memcpy(*out, lower, n);
	return 0;
}

/* Names without a final dot are absolute too, as in BIND. */
static int name_parse(struct parser *p, uint8_t **out, const char *missing)
{
	uint8_t name[DNS_NAME_MAX];
	struct word w = next_word(p);

	if (w.n == 0)
		return wrong(p, missing, w);
	if (dns_name_from_text(name, w.text, w.n, NULL) == 0)
		return wrong(p, "not a domain name", w);
	return name_copy(out, name);
}

static int action_parse(struct parser *p)
{
	struct word w = next_word(p);

	if (!word_is(w, "grant") && !word_is(w, "deny"))
		return wrong(p, "a rule starts with grant or deny", w);
	p->rule->is_grant = word_is(w, "grant");
	return 0;
}

static int ruletype_parse(struct parser *p)
{
	struct word w = next_word(p);

	for (size_t i = 0; i < sizeof(ruletypes) / sizeof(*ruletypes); i++)
		if (word_is(w, ruletypes[i].text)) {
			p->rule->ruletype = ruletypes[i].ruletype;
			return 0;
		}
	for (size_t i = 0; i < sizeof(foreign_ruletypes) / sizeof(*foreign_ruletypes); i++)
		if (word_is(w, foreign_ruletypes[i]))
			return wrong(p, "this rule type of BIND is not supported", w);
	return wrong(p,
		     "the third word must be name, subdomain, zonesub, wildcard, self, selfsub or "
		     "selfwild",
		     w);
}

/* Parses the name field. `zonesub` has none: its name is the zone. The self types have one that is
 * ignored; if it was forgotten, the first type must not be taken for it, or the rule would cover
 * one type too few. */
static int name_field_parse(struct parser *p)
{
	struct rule *r = p->rule;
	struct parser ahead = *p;
	struct word w = next_word(&ahead);
	uint16_t type;
	int ret;

	if (r->ruletype == ZONESUB)
		return name_copy(&r->name, p->zone);
	if (r->ruletype >= SELF && w.n > 0 && dns_type_from_text(&type, w.text, w.n))
		return wrong(p, "a name must precede the types, write a dot", w);
	ret = name_parse(p, &r->name, "a name must follow");
	if (ret == 0 && r->ruletype == WILDCARD && !dns_name_is_wildcard(r->name))
		return wrong(p, "the name of a wildcard rule must start with *.", w);
	return ret;
}

static int type_parse(struct parser *p, struct word w)
{
	struct rule *r = p->rule;
	uint16_t type, *types;

	if (w.n > 0 && w.text[w.n - 1] == ')')
		return wrong(p, "a limit on the number of records is not supported", w);
	if (!dns_type_from_text(&type, w.text, w.n))
		return wrong(p, "not a record type", w);
	if (type != DNS_TYPE_ANY && dns_type_is_meta(type))
		return wrong(p, "no zone holds records of this type", w);
	types = realloc(r->types, (r->ntypes + 1) * sizeof(*types));
	if (types == NULL)
		return -ENOMEM;
	types[r->ntypes++] = type;
	r->types = types;
	r->has_any_type |= type == DNS_TYPE_ANY;
	return 0;
}

static int types_parse(struct parser *p)
{
	for (;;) {
		struct word w = next_word(p);
		int ret;

		if (w.text == NULL)
			return 0;
		ret = type_parse(p, w);
		if (ret != 0)
			return ret;
	}
}

/* A rule copied from a BIND configuration may end with its semicolon. */
static void end_trim(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && (is_blank(text[n - 1]) || text[n - 1] == ';'))
		text[--n] = '\0';
}

static int rule_parse(struct parser *p)
{
	int ret;

	p->rule->text = strdup(p->text);
	if (p->rule->text == NULL)
		return -ENOMEM;
	end_trim(p->rule->text);
	p->text = p->rule->text;
	ret = action_parse(p);
	if (ret == 0)
		ret = name_parse(p, &p->rule->identity, "an identity (a key's name) must follow");
	if (ret == 0)
		ret = ruletype_parse(p);
	if (ret == 0)
		ret = name_field_parse(p);
	if (ret == 0)
		ret = types_parse(p);
	return ret;
}

static _Atomic uint64_t npolicies; /* policies made so far */

static struct update_policy *policy_new(size_t count)
{
	struct update_policy *p = calloc(1, sizeof(*p) + count * sizeof(*p->rules));

	if (p != NULL) {
		p->count = count;
		p->number = atomic_fetch_add_explicit(&npolicies, 1, memory_order_relaxed) + 1;
	}
	return p;
}

int update_policy_parse(struct update_policy **out, const char *const *rules, size_t count,
			const uint8_t *zone, update_policy_error_fn on_error, void *arg)
{
	struct update_policy *policy = policy_new(count);
	int ret = 0;

	if (policy == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct parser p = {.text = rules[i],
				   .zone = zone,
				   .rule = &policy->rules[i],
				   .on_error = on_error,
				   .arg = arg,
				   .index = i};
		int e = rule_parse(&p);

		if (e == -ENOMEM) {
			ret = e;
			break;
		}
		if (e != 0)
			ret = e;
	}
	if (ret != 0) {
		update_policy_free(policy);
		return ret;
	}
	*out = policy;
	return 0;
}

struct update_policy *update_policy_new_key(const uint8_t *key)
{
	struct update_policy *p = policy_new(1);
	char name[DNS_NAME_TEXT_MAX], text[DNS_NAME_TEXT_MAX + 8];
	struct rule *r;

	if (p == NULL)
		return NULL;
	r = &p->rules[0];
	r->is_grant = true;
	r->is_blanket = true;
	dns_name_to_text(name, key);
	snprintf(text, sizeof(text), "key %s", name);
	r->text = strdup(text);
	if (r->text == NULL || name_copy(&r->identity, key) != 0) {
		update_policy_free(p);
		return NULL;
	}
	return p;
}

struct update_policy *update_policy_new_fabric(const uint8_t *fabric)
{
	struct update_policy *p = policy_new(0);

	if (p != NULL && name_copy(&p->fabric, fabric) != 0) {
		free(p);
		return NULL;
	}
	return p;
}

struct update_policy *update_policy_new_lan(const uint8_t *key, const uint8_t *into)
{
	struct update_policy *p = policy_new(0);

	if (p != NULL && (name_copy(&p->lan_key, key) != 0 || name_copy(&p->into, into) != 0)) {
		update_policy_free(p);
		return NULL;
	}
	return p;
}

int update_policy_set_quota(struct update_policy *p, const struct update_quota *quota)
{
	struct update_quota *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return -ENOMEM;
	*copy = *quota;
	free(p->quota);
	p->quota = copy;
	return 0;
}

void update_policy_set_types(struct update_policy *p, struct update_types *take)
{
	update_types_free(p->types);
	p->types = take;
}

const struct update_quota *update_policy_quota(const struct update_policy *p, const uint8_t *key)
{
	if (p->quota == NULL || (p->fabric != NULL && update_policy_is_admin(key, p->fabric)))
		return NULL;
	return p->quota;
}

const struct update_types *update_policy_types(const struct update_policy *p)
{
	return p->types;
}

bool update_policy_is_admin(const uint8_t *key, const uint8_t *fabric)
{
	return dns_name_labels(key) == dns_name_labels(fabric) + 2 && dnssd_label_is(key, "admin");
}

uint64_t update_policy_number(const struct update_policy *p)
{
	return p->number;
}

const uint8_t *update_policy_fabric(const struct update_policy *p)
{
	return p->fabric;
}

const uint8_t *update_policy_into(const struct update_policy *p)
{
	return p->into;
}

void update_policy_free(struct update_policy *p)
{
	if (p == NULL)
		return;
	free(p->fabric);
	free(p->lan_key);
	free(p->into);
	free(p->quota);
	update_types_free(p->types);
	for (size_t i = 0; i < p->count; i++) {
		free(p->rules[i].text);
		free(p->rules[i].identity);
		free(p->rules[i].name);
		free(p->rules[i].types);
	}
	free(p);
}

/* Returns whether `name` is below the parent of `wildcard`, at any depth. */
static bool is_covered(const uint8_t *name, const uint8_t *wildcard)
{
	const uint8_t *parent = dns_name_strip(wildcard, 1);

	return dns_name_labels(name) > dns_name_labels(parent) && dns_name_is_under(name, parent);
}

static bool identity_matches(const struct rule *r, const uint8_t *key)
{
	if (dns_name_is_wildcard(r->identity))
		return is_covered(key, r->identity);
	return dns_name_equal(key, r->identity);
}

static bool owner_matches(const struct rule *r, const uint8_t *key, const uint8_t *owner)
{
	switch (r->ruletype) {
	case NAME:
		return dns_name_equal(owner, r->name);
	case SUBDOMAIN:
	case ZONESUB:
		return dns_name_is_under(owner, r->name);
	case WILDCARD:
		return is_covered(owner, r->name);
	case SELF:
		return dns_name_equal(owner, key);
	case SELFSUB:
		return dns_name_is_under(owner, key);
	case SELFWILD:
		return dns_name_labels(owner) > dns_name_labels(key) &&
		       dns_name_is_under(owner, key);
	}
	return false;
}

/* A rule without types covers what BIND calls user types (RFC 3007 section 3.1.1). */
static bool type_matches(const struct rule *r, uint16_t type)
{
	if (r->ntypes == 0)
		return type != DNS_TYPE_SOA && type != DNS_TYPE_NS && type != DNS_TYPE_RRSIG &&
		       type != DNS_TYPE_NSEC && type != DNS_TYPE_NSEC3;
	if (r->has_any_type)
		return type != DNS_TYPE_NSEC && type != DNS_TYPE_NSEC3;
	for (size_t i = 0; i < r->ntypes; i++)
		if (r->types[i] == type)
			return true;
	return false;
}

static bool rule_matches(const struct rule *r, const uint8_t *key, const uint8_t *owner,
			 uint16_t type)
{
	return identity_matches(r, key) &&
	       (r->is_blanket || (type_matches(r, type) && owner_matches(r, key, owner)));
}

struct update_verdict update_policy_check(const struct update_policy *p, const uint8_t *key,
					  const uint8_t *owner, uint16_t type)
{
	if (key == NULL)
		return (struct update_verdict){0};
	for (size_t i = 0; i < p->count; i++)
		if (rule_matches(&p->rules[i], key, owner, type))
			return (struct update_verdict){
				.is_allowed = p->rules[i].is_grant,
				.rule = (unsigned)i + 1,
			};
	return (struct update_verdict){0};
}

/* Returns whether the key's name is below `keys.FABRIC`. */
static bool is_key_of(const uint8_t *fabric, const uint8_t *key)
{
	static const uint8_t keys[] = "\4keys";
	unsigned labels = dns_name_labels(key), above = dns_name_labels(fabric) + 1;
	const uint8_t *at;

	if (labels <= above || !dns_name_is_under(key, fabric))
		return false;
	at = dns_name_strip(key, labels - above);
	return at[0] == 4 && strncasecmp((const char *)at + 1, (const char *)keys + 1, 4) == 0;
}

bool update_policy_admits(const struct update_policy *p, const uint8_t *key)
{
	if (key == NULL)
		return false;
	if (p->fabric != NULL)
		return is_key_of(p->fabric, key);
	if (p->lan_key != NULL)
		return dns_name_equal(p->lan_key, key);
	for (size_t i = 0; i < p->count; i++)
		if (p->rules[i].is_grant && identity_matches(&p->rules[i], key))
			return true;
	return false;
}

const char *update_policy_text(const struct update_policy *p, unsigned rule)
{
	return rule == 0 || rule > p->count ? "no rule" : p->rules[rule - 1].text;
}
