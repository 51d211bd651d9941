/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/message.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "dns/update_write.h"

enum {
	MESSAGE_MAX = 65535,
	HEAD = 10,	/* octets of a record beside its owner and its rdata */
	OVERHEAD = 100, /* of the header and the OPT record; and of the zone section, without its
			   name */
	PAYLOAD = 1232, /* octets of an answer over UDP */
};

/* ---- sizes, without compression ---- */

static size_t records_size(size_t nowner, const struct dns_record *records, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += nowner + HEAD + records[i].nbytes;
	return size;
}

/* Of the prerequisite that an RRset is so. */
static size_t require_size(const uint8_t *owner, const struct dns_record *records, size_t n)
{
	size_t nowner = dns_name_nbytes(owner);

	return n == 0 ? nowner + HEAD : records_size(nowner, records, n);
}

static bool is_whole(const struct declare_change *c)
{
	return c->nbefore > 0 && c->removed.count == c->nbefore;
}

static size_t change_size(const struct declare_change *c)
{
	size_t nowner = dns_name_nbytes(c->owner);
	size_t removal = is_whole(c) ? nowner + HEAD
				     : records_size(nowner, c->removed.items, c->removed.count);

	return removal + records_size(nowner, c->added.items, c->added.count);
}

/* ---- what must be as it was ---- */

static bool is_changed(const struct declare_plan *p, const struct declare_read *r)
{
	for (size_t i = 0; i < p->nchanges; i++)
		if (p->changes[i].type == r->type && dns_name_equal(p->changes[i].owner, r->owner))
			return true;
	return false;
}

/* Whether the message depends on what was read. */
static bool is_read_for(const struct declare_plan *p, const struct declare_read *r, size_t first,
			size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (p->changes[i].type == r->type)
			return !is_changed(p, r);
	return false;
}

static size_t reads_size(const struct declare_plan *p, size_t first, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < p->nreads; i++)
		if (is_read_for(p, &p->reads[i], first, count))
			size += require_size(p->reads[i].owner, p->reads[i].records,
					     p->reads[i].count);
	return size;
}

static void rrset_require(struct dns_update_writer *u, const uint8_t *owner, uint16_t type,
			  const struct dns_record *records, size_t n)
{
	if (n == 0)
		dns_update_write_require_none(u, owner, type);
	for (size_t i = 0; i < n; i++)
		dns_update_write_require_record(u, owner, type, records[i].rdata,
						records[i].nbytes);
}

static void serial_require(struct dns_update_writer *u, const struct declare_plan *p)
{
	size_t n;
	const uint8_t *zone = atlas_zone(p->atlas);
	const struct dns_record *soa = atlas_rrset(p->atlas, zone, DNS_TYPE_SOA, &n);

	if (n > 0)
		rrset_require(u, zone, DNS_TYPE_SOA, soa, n);
}

/* ---- writing ---- */

/* Writes that the RRset of a change loses the records `gone`, or if `is_all` whatever it has, and
 * gets the records `coming`. */
static void records_replace(struct dns_update_writer *u, const struct declare_change *c,
			    bool is_all, const struct declare_records *gone,
			    const struct declare_records *coming)
{
	if (is_all)
		dns_update_write_remove_all(u, c->owner, c->type);
	for (size_t i = 0; i < gone->count && !is_all; i++)
		dns_update_write_remove(u, c->owner, c->type, gone->items[i].rdata,
					gone->items[i].nbytes);
	for (size_t i = 0; i < coming->count; i++)
		dns_update_write_add(u, c->owner, c->type, coming->items[i].ttl,
				     coming->items[i].rdata, coming->items[i].nbytes);
}

static void change_write(struct dns_update_writer *u, const struct declare_change *c)
{
	records_replace(u, c, is_whole(c), &c->removed, &c->added);
}

static int begin(struct dns_update_writer *u, struct declare_message *m,
		 const struct declare_plan *p, size_t room)
{
	m->bytes = malloc(MESSAGE_MAX);
	if (m->bytes == NULL)
		return -ENOMEM;
	dns_update_write_begin(u, m->bytes, MESSAGE_MAX - room, 0, atlas_zone(p->atlas));
	return 0;
}

static int end(struct dns_update_writer *u, struct declare_message *m)
{
	m->nbytes = dns_update_write_end(u, PAYLOAD, 0);
	if (m->nbytes > 0)
		return 0;
	declare_message_fini(m);
	return -EMSGSIZE;
}

/* Decides how many changes from `first` on the message has, and what it requires. */
static void decide(struct declare_message *m, const struct declare_plan *p, size_t first,
		   size_t room)
{
	size_t nzone = dns_name_nbytes(atlas_zone(p->atlas));
	size_t most = MESSAGE_MAX - OVERHEAD - nzone - room, size = 0;
	size_t reads = reads_size(p, first, p->nchanges - first);

	/* What the first message requires, those after it rely on. */
	*m = (struct declare_message){.first = first, .has_serial = p->is_exclusive && first == 0};
	for (size_t i = first; i < p->nchanges; i++) {
		const struct declare_change *c = &p->changes[i];
		size_t n = change_size(c) + require_size(c->owner, c->before, c->nbefore);

		if (size + n + reads > most)
			break;
		size += n;
		m->count++;
	}
	if (m->count > 0)
		return;
	/* Without prerequisites of their own. */
	m->has_serial = true;
	for (size = 0; first + m->count < p->nchanges; m->count++) {
		size += change_size(&p->changes[first + m->count]);
		if (size > most && m->count > 0)
			break;
	}
}

int declare_message_write(struct declare_message *out, const struct declare_plan *p, size_t first,
			  size_t room)
{
	struct dns_update_writer u;
	int ret;

	decide(out, p, first, room);
	ret = begin(&u, out, p, room);
	if (ret < 0)
		return ret;
	if (out->has_serial)
		serial_require(&u, p);
	for (size_t i = 0; i < p->nreads && !out->has_serial; i++)
		if (is_read_for(p, &p->reads[i], first, out->count))
			rrset_require(&u, p->reads[i].owner, p->reads[i].type, p->reads[i].records,
				      p->reads[i].count);
	for (size_t i = first; i < first + out->count && !out->has_serial; i++)
		rrset_require(&u, p->changes[i].owner, p->changes[i].type, p->changes[i].before,
			      p->changes[i].nbefore);
	for (size_t i = first; i < first + out->count; i++)
		change_write(&u, &p->changes[i]);
	return end(&u, out);
}

/* ---- taking back ---- */

/* Writes the RRset as the change has left it: what was before, without what it has removed, and
 * with what it has added. */
static void after_require(struct dns_update_writer *u, const struct declare_change *c)
{
	size_t nafter = c->added.count;

	for (size_t i = 0; i < c->nbefore && !is_whole(c); i++) {
		size_t at = 0;

		while (at < c->removed.count && c->removed.items[at].rdata != c->before[i].rdata)
			at++;
		if (at < c->removed.count)
			continue;
		dns_update_write_require_record(u, c->owner, c->type, c->before[i].rdata,
						c->before[i].nbytes);
		nafter++;
	}
	for (size_t i = 0; i < c->added.count; i++)
		dns_update_write_require_record(u, c->owner, c->type, c->added.items[i].rdata,
						c->added.items[i].nbytes);
	if (nafter == 0)
		dns_update_write_require_none(u, c->owner, c->type);
}

static void undo_write(struct dns_update_writer *u, const struct declare_change *c)
{
	records_replace(u, c, c->nbefore == 0 || is_whole(c), &c->added, &c->removed);
}

static int undo(struct declare_message *out, const struct declare_plan *p,
		const struct declare_message *m, size_t room, bool is_guarded)
{
	struct dns_update_writer u;
	int ret;

	*out = (struct declare_message){.first = m->first, .count = m->count};
	ret = begin(&u, out, p, room);
	if (ret < 0)
		return ret;
	for (size_t i = m->first; i < m->first + m->count && is_guarded; i++)
		after_require(&u, &p->changes[i]);
	for (size_t i = m->first; i < m->first + m->count; i++)
		undo_write(&u, &p->changes[i]);
	return end(&u, out);
}

int declare_message_undo(struct declare_message *out, const struct declare_plan *p,
			 const struct declare_message *m, size_t room)
{
	int ret = undo(out, p, m, room, true);

	/* What did not fit when it was made does not fit now. */
	return ret == -EMSGSIZE ? undo(out, p, m, room, false) : ret;
}

void declare_message_fini(struct declare_message *m)
{
	free(m->bytes);
	m->bytes = NULL;
}
