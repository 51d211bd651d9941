/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The algorithm of RFC 1034 section 4.3.2, for an authoritative server:
 *
 * 1. Find the zone by longest match. A question for DS at the apex of a zone goes to the parent
 *    zone (RFC 4035 section 3.1.4.1).
 * 2. At or below a delegation the answer is a referral. Below a DNAME it is the DNAME and a CNAME
 *    made from it (RFC 6672 section 3.2), and the chain goes on with the new name.
 * 3. If the name exists, the answer is its records of the type. A CNAME is followed; without
 *    records of the type it is NODATA. A name that only has names below it exists (RFC 4592
 *    section 2.2.2).
 * 4. If it does not exist, the wildcard below the closest encloser answers instead of the name;
 *    without a wildcard it is NXDOMAIN. `_whoami` below an apex always exists, and no wildcard
 *    answers for it: its TXT is the client's address and port.
 * 5. Negative answers carry the SOA (RFC 2308), positive ones no authority section. Additional
 *    records are added as far as they fit.
 *
 * Most questions end in from_index, before any of these steps: the name is in the index, and its
 * answer is prepared. */
#include "answer/answer.h"

#include <string.h>

#include "answer/answer_priv.h"
#include "dns/type.h"
#include "zone/catalog.h"
#include "zone/prepared.h"
#include "zone/read.h"

enum { CHAIN_MAX = 16 };

/* ---- writing sets ---- */

/* Lets the writer compress names against the question's. Done only when an answer is composed: a
 * prepared one has its pointers. */
static void know_question(struct answer_compose *c)
{
	if (!c->is_questioned)
		dns_writer_know(c->w, DNS_HEADER_SIZE);
	c->is_questioned = true;
}

static void truncate(struct answer_compose *c)
{
	c->a->is_truncated = true;
}

/* Writes a set of the answer section, and notes it if its targets want additional records. Returns
 * false if the answer is truncated. */
static bool put_answer(struct answer_compose *c, const struct zone_snapshot *s,
		       const uint8_t *owner, const struct zone_rrset *rrset)
{
	const struct zone_rdata first = {rrset->data + 2, base_load16(rrset->data)};

	if (!answer_rrset_put(c, owner, rrset, &c->a->ancount)) {
		truncate(c);
		return false;
	}
	if (dns_rdata_target(rrset->type, first.bytes, first.nbytes) != NULL &&
	    c->nsets < ANSWER_COMPOSE_SETS) {
		c->set[c->nsets].snapshot = s;
		c->set[c->nsets].owner = owner;
		c->set[c->nsets++].rrset = *rrset;
	}
	return true;
}

/* Writes the SOA with the TTL for a negative answer (RFC 2308 section 3). */
static void put_negative(struct answer_compose *c, const struct zone_snapshot *s, uint16_t rcode)
{
	struct zone_rrset soa = zone_read_negative_soa(s);

	c->a->rcode = rcode;
	c->is_cacheable = false;
	if (!answer_rrset_put(c, zone_read_name(zone_read_zone(s)), &soa, &c->a->nscount))
		truncate(c);
}

/* Finds the DS that a referral carries for clients that want DNSSEC records, if the zone is signed:
 * without an RRSIG no validator accepts it (RFC 4035 section 3.1.4). */
static bool find_ds(const struct answer_compose *c, const struct zone_snapshot *s,
		    const struct zone_node *cut, struct zone_rrset *ds)
{
	return c->is_do && zone_node_find(zone_read_apex(s), DNS_TYPE_DNSKEY, ds) &&
	       zone_node_find(cut, DNS_TYPE_DS, ds);
}

static void put_referral(struct answer_compose *c, const struct zone_snapshot *s,
			 const struct zone_node *cut)
{
	uint8_t owner[DNS_NAME_MAX];
	struct zone_rrset ns, ds;

	dns_name_join(owner, zone_node_spelled(cut), cut->name_nbytes,
		      zone_read_name(zone_read_zone(s)));
	zone_node_find(cut, DNS_TYPE_NS, &ns);
	c->is_cacheable = false;
	if (c->a->ancount == 0)
		c->a->is_authoritative = false;
	if (!answer_rrset_put(c, owner, &ns, &c->a->nscount) ||
	    (find_ds(c, s, cut, &ds) && !answer_rrset_put(c, owner, &ds, &c->a->nscount)) ||
	    !answer_additional_put_glue(c, s, owner, &ns))
		truncate(c);
}

/* ---- one name of the chain ---- */

/* The next link of a chain of aliases. */
struct step {
	const uint8_t *owner; /* as the answer spells it */
	struct dns_question question;
	unsigned nlinks, ndnames; /* made so far */
	const uint8_t *owners[CHAIN_MAX];
	const struct zone_node *dnames[CHAIN_MAX];
	uint8_t names[CHAIN_MAX]
		     [DNS_NAME_MAX]; /* memory of owners that came from a CNAME or DNAME */
};

/* Makes `name` the next link. Returns false if the chain has passed it already, so that no set is
 * in an answer twice, or is too long. */
static bool step_to(struct step *step, const uint8_t *name)
{
	uint16_t type = step->question.type;
	uint8_t *to = step->names[step->nlinks];

	step->owners[step->nlinks++] = step->owner;
	if (step->nlinks == CHAIN_MAX)
		return false;
	for (unsigned i = 0; i < step->nlinks; i++)
		if (dns_name_equal(step->owners[i], name))
			return false;
	memcpy(to, name, dns_name_nbytes(name));
	step->owner = to;
	dns_question_make(&step->question, to, type, DNS_CLASS_IN);
	return true;
}

static bool has_dname(const struct step *step, const struct zone_node *node)
{
	for (unsigned i = 0; i < step->ndnames; i++)
		if (step->dnames[i] == node)
			return true;
	return false;
}

/* Writes a DNAME, unless this chain has passed it already. Returns false if the answer is
 * truncated. */
static bool put_dname(struct answer_compose *c, const struct zone_snapshot *s, struct step *step,
		      const struct zone_node *node, const struct zone_rrset *dname)
{
	uint8_t owner[DNS_NAME_MAX];

	if (has_dname(step, node))
		return true;
	step->dnames[step->ndnames++] = node;
	dns_name_join(owner, zone_node_spelled(node), node->name_nbytes,
		      zone_read_name(zone_read_zone(s)));
	return put_answer(c, s, owner, dname);
}

/* Substitutes the name by a DNAME (RFC 6672 sections 2.2 and 3.2). Returns true if the chain goes
 * on with the new name. */
static bool follow_dname(struct answer_compose *c, const struct zone_snapshot *s, struct step *step,
			 const struct zone_node *node)
{
	const struct dns_question *q = &step->question;
	uint8_t target[DNS_NAME_MAX], cname[DNS_NAME_MAX + 2];
	size_t prefix, n;
	struct zone_rrset dname, synthesised;

	zone_node_find(node, DNS_TYPE_DNAME, &dname);
	prefix = (size_t)q->nbytes - zone_read_name_nbytes(zone_read_zone(s)) - node->name_nbytes;
	c->is_cacheable = false;
	if (!put_dname(c, s, step, node, &dname))
		return false;
	n = dns_name_join(target, q->name, prefix, dname.data + 2);
	if (n == 0) {
		c->a->rcode = DNS_RCODE_YXDOMAIN;
		return false;
	}
	base_store16(cname, (uint16_t)n);
	memcpy(cname + 2, target, n);
	synthesised = (struct zone_rrset){DNS_TYPE_CNAME, dname.ttl, 1, (uint32_t)n + 2, cname};
	if (!put_answer(c, s, step->owner, &synthesised))
		return false;
	return q->type != DNS_TYPE_CNAME && q->type != DNS_TYPE_ANY && step_to(step, target);
}

/* Finds the set of the question's type. Of all sets one is enough of an answer to ANY (RFC 8482
 * section 4.1): the SOA at an apex, elsewhere the first. */
static bool find_asked(const struct zone_node *n, uint16_t type, struct zone_rrset *rrset)
{
	if (type != DNS_TYPE_ANY)
		return zone_node_find(n, type, rrset);
	if (!zone_node_find(n, DNS_TYPE_SOA, rrset))
		*rrset = zone_node_rrset(n, 0);
	return true;
}

/* Answers from a node. Returns true if the chain goes on with the target of its CNAME. */
static bool from_node(struct answer_compose *c, const struct zone_snapshot *s, struct step *step,
		      const struct zone_node *n)
{
	struct zone_rrset rrset;

	if (find_asked(n, step->question.type, &rrset)) {
		if (rrset.type != DNS_TYPE_DNAME || !has_dname(step, n))
			put_answer(c, s, step->owner, &rrset);
		return false;
	}
	if (!zone_node_find(n, DNS_TYPE_CNAME, &rrset)) {
		put_negative(c, s, DNS_RCODE_NOERROR);
		return false;
	}
	c->is_cacheable = false;
	if (!put_answer(c, s, step->owner, &rrset))
		return false;
	return step_to(step, rrset.data + 2);
}

/* Answers for `_whoami`, which a zone without that name has for each client: a TXT, or NODATA. */
static void from_client(struct answer_compose *c, const struct zone_snapshot *s,
			const struct step *step)
{
	uint16_t type = step->question.type;
	uint8_t data[ANSWER_WHOAMI_MAX];
	struct zone_rrset rrset;

	if (type != DNS_TYPE_TXT && type != DNS_TYPE_ANY) {
		put_negative(c, s, DNS_RCODE_NOERROR);
		return;
	}
	c->is_cacheable = false;
	answer_whoami_make(c, &rrset, data);
	put_answer(c, s, step->owner, &rrset);
}

/* Answers for a name without a node: NODATA if there are names below it, otherwise from the
 * wildcard below the closest encloser, or NXDOMAIN. Returns true if the chain goes on. */
static bool from_absence(struct answer_compose *c, const struct zone_snapshot *s, struct step *step,
			 unsigned encloser)
{
	const struct dns_question *q = &step->question;
	unsigned missing = q->nlabels - zone_read_labels(zone_read_zone(s)) - encloser;
	uint8_t wildcard[DNS_NAME_MAX] = {1, '*'};
	const struct zone_node *n;
	size_t nbytes;

	if (missing == 0) {
		put_negative(c, s, DNS_RCODE_NOERROR);
		return false;
	}
	if (answer_whoami_is(c, q, zone_read_labels(zone_read_zone(s)))) {
		from_client(c, s, step);
		return false;
	}
	/* "*." fits: the label that it replaces has at least as many octets. */
	nbytes = (size_t)(q->nbytes - zone_read_name_nbytes(zone_read_zone(s))) - q->label[missing];
	memcpy(wildcard + 2, q->lower + q->label[missing], nbytes);
	n = zone_find_node(s, wildcard, nbytes + 2,
			   zone_hash(zone_read_zone(s), wildcard, nbytes + 2));
	if (n == NULL) {
		/* A wildcard that only has names below it exists too, without data (RFC 4592
		 * sections 2.2.2 and 3.3). */
		bool has_below = zone_find_all(s, wildcard, nbytes + 2).encloser > encloser;

		put_negative(c, s, has_below ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN);
		return false;
	}
	c->is_cacheable = false;
	return from_node(c, s, step, n);
}

/* Answers for one link of the chain. Returns true if the chain goes on. */
static bool in_zone(struct answer_compose *c, const struct zone_snapshot *s, struct step *step)
{
	const struct dns_question *q = &step->question;
	struct zone_trie_found found = zone_find_all(
		s, q->lower, (size_t)q->nbytes - zone_read_name_nbytes(zone_read_zone(s)));

	if (found.cut != NULL && zone_is_delegation(found.cut) &&
	    !(found.cut == found.node && q->type == DNS_TYPE_DS)) {
		put_referral(c, s, found.cut);
		return false;
	}
	if (found.cut != NULL && found.cut != found.node && !zone_is_delegation(found.cut))
		return follow_dname(c, s, step, found.cut);
	if (found.node != NULL)
		return from_node(c, s, step, found.node);
	return from_absence(c, s, step, found.encloser);
}

/* Returns the zone that answers for a name whose longest match is `z`: for DS at its apex the
 * parent zone, if the catalog has it. */
static struct zone *zone_for(const struct zone_catalog *catalog, const struct dns_question *q,
			     struct zone *z)
{
	struct zone *parent;

	if (q->type != DNS_TYPE_DS || z == NULL || q->nlabels != zone_read_labels(z) ||
	    zone_read_labels(z) == 0)
		return z;
	parent = zone_catalog_find(catalog, q, zone_read_labels(z) - 1);
	return parent != NULL ? parent : z;
}

static void compose_chain(struct answer_compose *c, const struct answer_lookup *l,
			  struct step *step)
{
	struct zone *z = zone_for(c->catalog, &step->question, l->zone);
	const struct zone_snapshot *s = z == l->zone ? l->snapshot : zone_snapshot_current(z);

	for (;;) {
		if (s == NULL) {
			if (step->nlinks == 0)
				c->a->rcode = DNS_RCODE_SERVFAIL;
			c->a->ede = DNS_EDE_NOT_READY;
			return;
		}
		if (step->nlinks == 0)
			c->a->is_authoritative = true;
		if (!in_zone(c, s, step))
			return;
		z = zone_catalog_find(c->catalog, &step->question, DNS_LABELS_MAX);
		if (z == NULL)
			return;
		z = zone_for(c->catalog, &step->question, z);
		s = zone_snapshot_current(z);
	}
}

/* ---- answers kept ready ---- */

static bool name_is(const struct zone_node *n, const struct answer_lookup *l)
{
	return n->name_nbytes == l->name_nbytes && n->born <= zone_read_version(l->snapshot) &&
	       memcmp(zone_node_name(n), l->question->lower, l->name_nbytes) == 0;
}

/* Copies the prepared answer, or as much of it as fits, if it is for this type and valid. */
static bool write_prepared(const struct answer_lookup *l, struct dns_writer *w, struct answer *a,
			   const struct zone_prepared *p)
{
	const struct zone_stamps *stamps = zone_read_stamps(l->zone);
	struct zone_prepared_part part;

	if (p == NULL || p->type != l->question->type ||
	    !zone_prepared_fit(p, base_out_left(&w->out), &part) ||
	    !zone_prepared_is_valid(p, part.ndepends, stamps))
		return false;
	a->is_authoritative = true;
	if (part.nbytes == 0) {
		a->is_truncated = true;
		return true;
	}
	base_out_bytes(&w->out, zone_prepared_body(p), part.nbytes);
	a->ancount = p->ancount;
	a->arcount = part.arcount;
	return true;
}

/* Returns whether an answer composed for `room` octets may take the place of `before`: it is
 * invalid, or has too little of the same answer. A valid one for another type stays. */
static bool may_replace(const struct answer_lookup *l, const struct zone_prepared *before,
			size_t room)
{
	const struct zone_stamps *stamps = zone_read_stamps(l->zone);

	return before == NULL || (before->type == l->question->type && room > before->room) ||
	       !zone_prepared_is_valid(before, before->ndepends, stamps);
}

/* Keeps the answer, which was composed at `body` for `room` octets. */
static void cache_answer(const struct answer_compose *c, const struct answer_lookup *l,
			 struct zone_node *n, struct zone_prepared *before, const uint8_t *body,
			 size_t room)
{
	size_t nbytes = (size_t)(c->w->out.at - body);
	struct zone_prepared plan = {
		.version = zone_read_version(l->snapshot),
		.type = l->question->type,
		.ancount = c->a->ancount,
		.arcount = c->a->arcount,
		.nbytes = (uint16_t)nbytes,
		.room = c->is_all || room > UINT16_MAX ? UINT16_MAX : (uint16_t)room,
		.ndepends = (uint16_t)c->ndepends,
		.nparts = nbytes > ZONE_PREPARED_UNPARTED ? (uint16_t)c->nparts : 0,
	};
	struct zone_prepared *p;

	if (!c->is_cacheable || c->a->is_truncated || c->nsets == 0 || nbytes > UINT16_MAX)
		return;
	p = zone_prepared_new(&plan, c->depends, c->part, body);
	if (p != NULL)
		zone_prepared_cache_add(&n->prepared, before, p);
}

/* The frequent case: the index has the name, the zone has no delegations, the name has the type.
 * Returns false, with nothing written, in any other case. */
static bool from_index(const struct answer_lookup *l, struct answer_compose *c)
{
	struct zone_node *n = l->node;
	const uint8_t *body = c->w->out.at;
	size_t room = base_out_left(&c->w->out);
	struct zone_prepared *before;
	struct zone_rrset rrset;

	if (n == NULL || zone_read_has_cuts(l->snapshot) || !name_is(n, l) ||
	    l->question->type == DNS_TYPE_ANY)
		return false;
	before = atomic_load_explicit(&n->prepared, memory_order_acquire);
	if (write_prepared(l, c->w, c->a, before))
		return true;
	if (!zone_node_find(n, l->question->type, &rrset))
		return false;
	know_question(c);
	c->a->is_authoritative = true;
	c->is_cacheable = may_replace(l, before, room);
	c->body = body;
	if (put_answer(c, l->snapshot, c->w->out.start + DNS_HEADER_SIZE, &rrset)) {
		answer_rrset_end_part(c);
		answer_additional_put(c);
		cache_answer(c, l, n, before, body, room);
	}
	return true;
}

/* A client must not use the sections of a truncated answer (RFC 2181 section 9): none are sent. */
static void empty_sections(struct dns_writer *w, struct answer *a, struct dns_writer_mark mark)
{
	dns_writer_rewind(w, mark);
	a->ancount = a->nscount = a->arcount = 0;
}

void answer_write(const struct answer_lookup *l, struct dns_writer *w, struct answer *a)
{
	struct dns_writer_mark mark = dns_writer_mark(w);
	struct answer_compose c;
	struct step step;

	*a = (struct answer){.ede = DNS_EDE_NONE};
	if (l->zone == NULL) {
		a->rcode = DNS_RCODE_REFUSED;
		a->ede = DNS_EDE_NOT_AUTHORITATIVE;
		return;
	}
	c.catalog = l->catalog;
	c.w = w;
	c.a = a;
	c.peer = l->peer;
	c.nsets = c.ndepends = c.nparts = 0;
	c.is_do = l->is_do;
	c.is_all = true;
	c.is_questioned = false;
	if (l->snapshot == NULL || (l->question->type == DNS_TYPE_DS) || !from_index(l, &c)) {
		c.is_cacheable = false;
		know_question(&c);
		step.owner = w->out.start + DNS_HEADER_SIZE;
		step.question = *l->question;
		step.nlinks = step.ndnames = 0;
		compose_chain(&c, l, &step);
		if (!a->is_truncated && a->rcode == DNS_RCODE_NOERROR)
			answer_additional_put(&c);
	}
	if (a->is_truncated)
		empty_sections(w, a, mark);
}
