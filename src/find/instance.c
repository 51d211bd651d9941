/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/seen.h"

/* An instance is one piece of memory: the struct, its addresses, its pairs, and then all octets
 * that these point to. */

enum { SALT = 0x7478 };

/* The texts of a name's parts. */
struct parts_text {
	char name[DNS_NAME_TEXT_MAX], target[DNS_NAME_TEXT_MAX];
	char label[DNS_LABEL_MAX * 4 + 1];
	char type[DNS_NAME_TEXT_MAX], domain[DNS_NAME_TEXT_MAX];
};

/* ---- the TXT record ---- */

/* One string of the TXT that has a key. */
struct string {
	const uint8_t *key, *value; /* `value` NULL: there is no "=" */
	size_t nkey, nvalue;
};

/* Reads the next string with a key that is valid (RFC 6763 section 6.4): of printable characters,
 * at least one. Returns false at the end. */
static bool string_next(struct base_buf *b, struct string *out)
{
	while (base_buf_left(b) > 0) {
		uint8_t n = base_buf_u8(b);
		const uint8_t *at = base_buf_take(b, n);
		size_t nkey = 0;

		if (at == NULL)
			return false;
		while (nkey < n && at[nkey] != '=' && at[nkey] >= ' ' && at[nkey] <= '~')
			nkey++;
		if (nkey == 0 || (nkey < n && at[nkey] != '='))
			continue;
		*out = (struct string){.key = at, .nkey = nkey};
		if (nkey < n) {
			out->value = at + nkey + 1;
			out->nvalue = n - nkey - 1;
		}
		return true;
	}
	return false;
}

/* Returns 1 if the key is new among those that were seen, 0 if not, or -ENOMEM. */
static int key_add(struct base_seen *seen, const struct string *s)
{
	uint8_t lower[UINT8_MAX];

	for (size_t i = 0; i < s->nkey; i++)
		lower[i] = dns_lower[s->key[i]];
	return base_seen_add(seen, base_hash(lower, s->nkey, SALT));
}

/* Counts the pairs, and the octets of their keys and values with a NUL after each. Returns 0 or
 * -ENOMEM. */
static int pairs_count(const uint8_t *txt, size_t ntxt, size_t *npairs, size_t *nbytes)
{
	struct base_buf b = base_buf_over(txt, ntxt);
	struct base_seen seen = {0};
	struct string s;
	int is_new = 0;

	*npairs = *nbytes = 0;
	while (is_new >= 0 && string_next(&b, &s)) {
		is_new = key_add(&seen, &s);
		*npairs += is_new == 1;
		*nbytes += is_new == 1 ? s.nkey + s.nvalue + 2 : 0;
	}
	free(seen.slot);
	return is_new < 0 ? is_new : 0;
}

/* Writes the pairs that were counted, and their octets at `at`. Returns 0 or -ENOMEM. */
static int pairs_write(struct find_pair *pairs, char *at, const uint8_t *txt, size_t ntxt)
{
	struct base_buf b = base_buf_over(txt, ntxt);
	struct base_seen seen = {0};
	struct string s;
	int is_new = 0;

	while (is_new >= 0 && string_next(&b, &s)) {
		is_new = key_add(&seen, &s);
		if (is_new != 1)
			continue;
		pairs->key = at;
		memcpy(at, s.key, s.nkey);
		at += s.nkey;
		*at++ = '\0';
		pairs->value = at;
		pairs->nvalue = s.value == NULL ? SIZE_MAX : s.nvalue;
		if (s.nvalue > 0)
			memcpy(at, s.value, s.nvalue);
		at += s.nvalue;
		*at++ = '\0';
		pairs++;
	}
	free(seen.slot);
	return is_new < 0 ? is_new : 0;
}

/* Returns the number that the value of `inc=` is; 0 if it is not one. */
static uint64_t incarnation_read(const struct find_pair *pair)
{
	uint64_t n = 0;

	if (pair == NULL || pair->nvalue == SIZE_MAX)
		return 0;
	for (size_t i = 0; i < pair->nvalue; i++) {
		unsigned digit = (unsigned char)pair->value[i] - (unsigned)'0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return 0;
		n = n * 10 + digit;
	}
	return n;
}

/* ---- the name ---- */

/* Writes a label as it is, except that a NUL, which would end the text, is escaped. */
static void label_write(char *out, const uint8_t *label)
{
	for (uint8_t i = 1; i <= label[0]; i++) {
		if (label[i] != 0) {
			*out++ = (char)label[i];
			continue;
		}
		memcpy(out, "\\000", 4);
		out += 4;
	}
	*out = '\0';
}

/* Returns whether the name begins with the two labels of a service type (RFC 6763 section 7). */
static bool is_type(const uint8_t *name)
{
	const uint8_t *proto = name + 1 + name[0];

	return name[0] > 1 && name[1] == '_' && proto[0] == 4 &&
	       (strncasecmp((const char *)proto + 1, "_tcp", 4) == 0 ||
		strncasecmp((const char *)proto + 1, "_udp", 4) == 0);
}

static void parts_write(struct parts_text *out, const uint8_t *name, const uint8_t *target)
{
	const uint8_t *type = name, *domain;
	uint8_t type_alone[DNS_NAME_MAX];
	size_t ntype;

	out->label[0] = out->type[0] = out->domain[0] = out->target[0] = '\0';
	dns_name_to_text(out->name, name);
	if (target != NULL)
		dns_name_to_text(out->target, target);
	if (!is_type(type) && name[0] != 0)
		type = dns_name_strip(name, 1);
	if (!is_type(type))
		return;
	if (type != name)
		label_write(out->label, name);
	domain = dns_name_strip(type, 2);
	dns_name_to_text(out->domain, domain);
	ntype = (size_t)(domain - type);
	memcpy(type_alone, type, ntype);
	type_alone[ntype] = 0;
	ntype = dns_name_to_text(out->type, type_alone);
	out->type[ntype - 1] = '\0'; /* without the final dot */
}

/* ---- the instance ---- */

/* Moves a text into the instance's memory. */
static const char *text_put(char **at, const char *text)
{
	size_t nbytes = strlen(text) + 1;
	char *copy = memcpy(*at, text, nbytes);

	*at += nbytes;
	return copy;
}

static void known_pairs_read(struct find_instance *i)
{
	const struct find_pair *state = find_instance_find(i, "state");
	const struct find_pair *id = find_instance_find(i, "id");

	if (state != NULL && state->nvalue != SIZE_MAX)
		i->state = dnssd_txt_state((const uint8_t *)state->value, state->nvalue);
	i->id = id == NULL ? "" : id->value;
	i->incarnation = incarnation_read(find_instance_find(i, "inc"));
}

static struct find_instance *instance_make(const struct find_parts *parts,
					   const struct parts_text *text)
{
	size_t naddresses = parts->naddresses * sizeof(*parts->addresses);
	size_t ntxt = parts->txt == NULL ? 0 : parts->ntxt, npairs, nbytes;
	struct sockaddr_storage *addresses;
	struct find_instance *i;
	struct find_pair *pairs;
	char *at;

	if (pairs_count(parts->txt, ntxt, &npairs, &nbytes) < 0)
		return NULL;
	nbytes += strlen(text->name) + strlen(text->target) + strlen(text->label) +
		  strlen(text->type) + strlen(text->domain) + 5;
	nbytes += sizeof(*i) + naddresses + npairs * sizeof(*pairs) + ntxt;
	i = malloc(nbytes);
	if (i == NULL)
		return NULL;
	addresses = (struct sockaddr_storage *)(void *)(i + 1);
	pairs = (struct find_pair *)(void *)(addresses + parts->naddresses);
	at = (char *)(pairs + npairs);
	*i = (struct find_instance){
		.nreferences = 1,
		.priority = parts->priority,
		.weight = parts->weight,
		.port = parts->port,
		.ttl_s = parts->ttl_s,
		.is_stale = parts->is_stale,
		.addresses = addresses,
		.naddresses = parts->naddresses,
		.pairs = pairs,
		.npairs = npairs,
		.txt = parts->txt == NULL ? NULL : (const uint8_t *)at,
		.ntxt = ntxt,
		.nbytes = nbytes,
	};
	memcpy(i->name, parts->name, dns_name_nbytes(parts->name));
	if (parts->target != NULL)
		memcpy(i->target, parts->target, dns_name_nbytes(parts->target));
	if (naddresses > 0)
		memcpy(addresses, parts->addresses, naddresses);
	if (ntxt > 0)
		memcpy(at, parts->txt, ntxt);
	at += ntxt;
	i->name_text = text_put(&at, text->name);
	i->target_text = text_put(&at, text->target);
	i->label = text_put(&at, text->label);
	i->type = text_put(&at, text->type);
	i->domain = text_put(&at, text->domain);
	if (pairs_write(pairs, at, parts->txt, ntxt) < 0) {
		free(i);
		return NULL;
	}
	known_pairs_read(i);
	return i;
}

struct find_instance *find_instance_new(const struct find_parts *parts)
{
	struct parts_text text;

	parts_write(&text, parts->name, parts->target);
	return instance_make(parts, &text);
}

struct find_instance *find_instance_acquire(const struct find_instance *i)
{
	struct find_instance *mine = (struct find_instance *)i;

	__atomic_add_fetch(&mine->nreferences, 1, __ATOMIC_RELAXED);
	return mine;
}

void find_instance_release(const struct find_instance *i)
{
	struct find_instance *mine = (struct find_instance *)i;

	if (mine != NULL && __atomic_sub_fetch(&mine->nreferences, 1, __ATOMIC_ACQ_REL) == 0)
		free(mine);
}

const struct find_pair *find_instance_find(const struct find_instance *i, const char *key)
{
	for (size_t k = 0; k < i->npairs; k++)
		if (strcasecmp(i->pairs[k].key, key) == 0)
			return &i->pairs[k];
	return NULL;
}

/* ---- comparing ---- */

/* Returns whether each address of `a` is one of `b`. */
static bool addresses_are_in(const struct find_instance *a, const struct find_instance *b)
{
	for (size_t i = 0; i < a->naddresses; i++) {
		const struct sockaddr *wanted = (const struct sockaddr *)&a->addresses[i];
		size_t k = 0;

		while (k < b->naddresses &&
		       !base_address_equal(wanted, (const struct sockaddr *)&b->addresses[k]))
			k++;
		if (k == b->naddresses)
			return false;
	}
	return true;
}

/* Returns the length of the TXT; that of one with a single empty string is 0, as it is the same as
 * none (RFC 6763 section 6.1). */
static size_t txt_nbytes(const struct find_instance *i)
{
	return i->ntxt == 1 && i->txt[0] == 0 ? 0 : i->ntxt;
}

unsigned find_instance_compare(const struct find_instance *a, const struct find_instance *b)
{
	size_t ntxt = txt_nbytes(a);
	unsigned differs = 0;

	if (a->port != b->port || a->priority != b->priority || a->weight != b->weight ||
	    !dns_name_equal(a->target, b->target))
		differs |= FIND_DIFFERS_SRV;
	if (!addresses_are_in(a, b) || !addresses_are_in(b, a))
		differs |= FIND_DIFFERS_ADDRESSES;
	if (ntxt != txt_nbytes(b) || (ntxt > 0 && memcmp(a->txt, b->txt, ntxt) != 0))
		differs |= FIND_DIFFERS_TXT;
	return differs;
}

bool find_instance_has_moved(const struct find_instance *before, const struct find_instance *now)
{
	return before->id[0] != '\0' && strcmp(before->id, now->id) == 0 &&
	       (before->port != now->port || before->incarnation != now->incarnation ||
		!dns_name_equal(before->target, now->target));
}
