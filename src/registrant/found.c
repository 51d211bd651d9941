/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/found.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "registrant/records.h"

/* A value of a TXT record; NULL: it has none. */
struct value {
	const uint8_t *at;
	size_t n;
};

static struct value value_of(const uint8_t *txt, size_t ntxt, const char *key)
{
	struct value v = {.n = 0};

	v.at = dnssd_txt_find(txt, ntxt, key, &v.n);
	return v;
}

static bool value_equal(struct value a, struct value b)
{
	return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

static bool is_same(const struct registrant_present *read, const uint8_t *txt, size_t ntxt)
{
	return read->ntxt == ntxt && memcmp(read->txt, txt, ntxt) == 0;
}

/* Several records, or a long one, are not ours. */
static enum registrant_found judge_claim(const struct registrant_service *s,
					 const struct registrant_present *read)
{
	const struct registrant_settings *settings = s->settings;
	struct value ours = value_of(settings->txt, settings->ntxt, "by");
	struct value theirs = value_of(read->txt, read->ntxt, "by");

	if (settings->is_shared)
		return REGISTRANT_FOUND_OURS; /* each has a record, which replaces none */
	if (is_same(read, settings->txt, settings->ntxt))
		return REGISTRANT_FOUND_SAME;
	return ours.at != NULL && theirs.at != NULL && value_equal(ours, theirs)
		       ? REGISTRANT_FOUND_OURS
		       : REGISTRANT_FOUND_OTHERS;
}

static bool is_of_another_node(const struct registrant_service *s,
			       const struct registrant_present *read)
{
	struct value ours = value_of(s->settings->txt, s->settings->ntxt, "node");
	struct value theirs = value_of(read->txt, read->ntxt, "node");

	return ours.at != NULL && theirs.at != NULL && !value_equal(ours, theirs);
}

static enum registrant_found judge_instance(const struct registrant_service *s,
					    const struct registrant_present *read)
{
	uint8_t txt[REGISTRANT_RECORDS_TXT_MAX];
	bool is_others = is_of_another_node(s, read);

	if (read->incarnation > s->incarnation ||
	    (is_others && read->incarnation == s->incarnation))
		return REGISTRANT_FOUND_LATER;
	if (is_others && !s->settings->can_take_over)
		return REGISTRANT_FOUND_OTHERS;
	if (is_same(read, txt, registrant_records_txt(s, s->settings, s->incarnation, txt)))
		return REGISTRANT_FOUND_SAME;
	return REGISTRANT_FOUND_OURS;
}

enum registrant_found registrant_found_judge(const struct registrant_service *s,
					     const struct registrant_present *read)
{
	if (!read->is_there)
		return REGISTRANT_FOUND_NOTHING;
	return registrant_is_claim(s) ? judge_claim(s, read) : judge_instance(s, read);
}

static struct value holder_of(const struct registrant_service *s,
			      const struct registrant_present *read)
{
	return value_of(read->txt, read->ntxt, registrant_is_claim(s) ? "by" : "node");
}

void registrant_found_holder(const struct registrant_service *s,
			     const struct registrant_present *read, char out[static UINT8_MAX + 1])
{
	struct value by = {.n = 0};

	if (read->is_there)
		by = holder_of(s, read);
	snprintf(out, UINT8_MAX + 1, "%.*s", (int)by.n, by.at == NULL ? "" : (const char *)by.at);
}

void registrant_found_explain(const struct registrant_service *s,
			      const struct registrant_present *read,
			      char why[static REGISTRANT_WHY_MAX])
{
	struct value by = holder_of(s, read);
	int n = by.at == NULL ? 1 : (int)by.n;
	const char *text = by.at == NULL ? "?" : (const char *)by.at;

	if (registrant_is_claim(s))
		snprintf(why, REGISTRANT_WHY_MAX, "%.*s", n, text);
	else
		snprintf(why, REGISTRANT_WHY_MAX,
			 "registered by node %.*s, as incarnation %" PRIu64, n, text,
			 read->incarnation);
}
