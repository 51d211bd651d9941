/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/rates.h"

#include <stdint.h>
#include <string.h>

/* The figures that are not counters. */
static const char *const gauges[] = {
	"commit-us-max", "commit-us-mean", "drained", "dso-sessions", "epoch",
	"history-bytes", "leases", "live", "log-bytes", "memory", "names", "owners",
	"push-subscriptions", "queue-bytes", "records", "segments", "suspect",
	"tcp-connections", "tls-handshaking", "waiting",
};

static bool is_gauge(const char *name)
{
	for (size_t i = 0; i < sizeof(gauges) / sizeof(*gauges); i++)
		if (strcmp(gauges[i], name) == 0)
			return true;
	return false;
}

double remote_rates_of(const json_t *before, const json_t *after, double seconds)
{
	json_int_t from = json_integer_value(before), to = json_integer_value(after);

	if (seconds <= 0)
		return 0;
	return (double)(to < from ? to : to - from) / seconds;
}

/* RFC 1982: serials wrap around, and one that is less than before was set. */
static double serial_rate(const json_t *before, const json_t *after, double seconds)
{
	uint32_t n = (uint32_t)json_integer_value(after) - (uint32_t)json_integer_value(before);

	return before == NULL || n > INT32_MAX || seconds <= 0 ? 0 : n / seconds;
}

/* Returns a rate with as many digits as are worth reading. */
static json_t *rate_json(double rate)
{
	return json_real((double)(uint64_t)(rate * 1000 + 0.5) / 1000);
}

/* Returns the rate of the field `name`, or NULL if it has none. */
static json_t *number_rate(const char *name, const json_t *before, const json_t *after,
			   double seconds, bool has_zeros)
{
	double rate;

	if (is_gauge(name))
		return NULL;
	rate = strcmp(name, "serial") == 0 ? serial_rate(before, after, seconds)
					   : remote_rates_of(before, after, seconds);
	return rate > 0 || has_zeros ? rate_json(rate) : NULL;
}

/* Returns the text of the first field of an item of a list, or NULL; its name goes to `name`. */
static const char *item_label(const json_t *item, const char **name)
{
	void *first = json_object_iter((json_t *)item);

	*name = first == NULL ? "" : json_object_iter_key(first);
	return first == NULL ? NULL : json_string_value(json_object_iter_value(first));
}

/* Whether two items are of the same thing; a key has one for each epoch. */
static bool is_same(const json_t *a, const json_t *b)
{
	const char *name, *label_a = item_label(a, &name), *label_b = item_label(b, &name);

	return label_a != NULL && label_b != NULL && strcmp(label_a, label_b) == 0 &&
	       json_integer_value(json_object_get(a, "epoch")) ==
		       json_integer_value(json_object_get(b, "epoch"));
}

/* Returns the item of a list that is of the same thing as `item`, or NULL. The lists change little:
 * it is looked for at its old index first. */
static const json_t *item_find(const json_t *list, size_t index, const json_t *item)
{
	if (is_same(json_array_get(list, index), item))
		return json_array_get(list, index);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (is_same(json_array_get(list, i), item))
			return json_array_get(list, i);
	return NULL;
}

static json_t *object_rates(const json_t *before, const json_t *after, double seconds,
			    bool has_zeros);

/* An item that is new has no rate yet. */
static json_t *list_rates(const json_t *before, const json_t *after, double seconds, bool has_zeros)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(after); i++) {
		const json_t *item = json_array_get(after, i), *old;
		const char *name, *label = item_label(item, &name);
		json_t *rates, *whole;

		if (label == NULL || (old = item_find(before, i, item)) == NULL)
			continue;
		rates = object_rates(old, item, seconds, has_zeros);
		if (rates == NULL)
			continue;
		whole = json_pack("{s:s}", name, label);
		json_object_update(whole, rates);
		json_decref(rates);
		json_array_append_new(list, whole);
	}
	if (json_array_size(list) > 0 || has_zeros)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *object_rates(const json_t *before, const json_t *after, double seconds,
			    bool has_zeros)
{
	json_t *rates = json_object(), *value, *rate;
	const char *name;

	json_object_foreach((json_t *)after, name, value)
	{
		const json_t *old = json_object_get(before, name);

		rate = NULL;
		if (json_is_object(value))
			rate = object_rates(old, value, seconds, has_zeros);
		else if (json_is_array(value))
			rate = list_rates(old, value, seconds, has_zeros);
		else if (json_is_integer(value))
			rate = number_rate(name, old, value, seconds, has_zeros);
		if (rate != NULL)
			json_object_set_new(rates, name, rate);
	}
	if (json_object_size(rates) > 0 || has_zeros)
		return rates;
	json_decref(rates);
	return NULL;
}

json_t *remote_rates(const json_t *before, const json_t *after, double seconds, bool has_zeros)
{
	return object_rates(before, after, seconds, has_zeros);
}
