/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/initial.h"

#include "dns/type.h"
#include "push/writer.h"

static bool has_oversized(const struct push_initial *i)
{
	const uint8_t *at = i->rrset.data;
	struct zone_rdata rdata;

	if (push_writer_fits(i->owner, i->rrset.nbytes))
		return false;
	while (zone_rrset_next(&i->rrset, &at, &rdata))
		if (!push_writer_fits(i->owner, rdata.nbytes))
			return true;
	return false;
}

/* Finds the next RRset that is asked for. Returns false if there is none. */
static bool rrset_next(struct push_initial *i)
{
	while (i->at == NULL) {
		if (!zone_look_next(&i->look, &i->rrset))
			return false;
		if (i->type != DNS_TYPE_ANY && i->type != i->rrset.type &&
		    i->rrset.type != DNS_TYPE_CNAME)
			continue;
		i->at = i->rrset.data;
		i->must_announce = has_oversized(i);
	}
	return true;
}

bool push_initial_begin(struct push_initial *i, const struct zone_snapshot *s, const uint8_t *name,
			uint16_t type)
{
	i->at = NULL;
	i->type = type;
	if (!zone_look_find(&i->look, s, name))
		return false;
	zone_look_spelling(&i->look, i->owner);
	return rrset_next(i);
}

int push_initial_next(struct push_initial *i, struct push_writer *w, size_t most,
		      struct push_messages **out)
{
	int ret = push_writer_begin(w, most);
	struct zone_rdata rdata;

	*out = NULL;
	while (ret == 0 && rrset_next(i)) {
		const uint8_t *before = i->at;

		if (i->must_announce) {
			ret = push_writer_remove_rrset(w, i->owner, i->rrset.type);
			i->must_announce = ret != 0;
			continue;
		}
		if (!zone_rrset_next(&i->rrset, &i->at, &rdata)) {
			i->at = NULL;
			continue;
		}
		ret = push_writer_add(w, i->owner, i->rrset.type, i->rrset.ttl, rdata.bytes,
				      rdata.nbytes);
		if (ret > 0)
			i->at = before;
	}
	if (ret < 0) {
		push_writer_abort(w);
		return ret;
	}
	ret = push_writer_end(w, out);
	return ret < 0 ? ret : rrset_next(i);
}
