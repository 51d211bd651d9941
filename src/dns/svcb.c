/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/svcb.h"

#include <string.h>

/* The parameters that others depend on. */
struct found {
	struct base_buf mandatory;
	bool has_alpn, has_no_default_alpn;
};

/* RFC 9460 section 7.1.1: at least one ALPN ID, none of them empty. */
static const char *alpn_fault(struct base_buf value)
{
	if (base_buf_left(&value) == 0)
		return "alpn has no value";
	while (base_buf_left(&value) > 0) {
		uint8_t n = base_buf_u8(&value);

		base_buf_take(&value, n);
		if (n == 0 || value.has_failed)
			return "alpn has an ALPN ID that is empty or cut short";
	}
	return NULL;
}

/* RFC 9461 section 5: a relative URI template, in UTF-8, with the variable "dns". */
static const char *dohpath_fault(struct base_buf value)
{
	size_t n = base_buf_left(&value);
	const char *at = (const char *)base_buf_take(&value, n), *end = at + n;
	bool is_inside = false, has_dns = false;

	if (n == 0 || *at != '/')
		return "dohpath does not begin with a slash";
	for (; at < end; at++) {
		if (*at == '{')
			is_inside = true;
		else if (*at == '}')
			is_inside = false;
		/* The variable follows the brace with its operator, or a comma. */
		else if (is_inside && end - at > 3 && memcmp(at, "dns", 3) == 0 &&
			 strchr("{?&/;,+#.", at[-1]) != NULL && strchr("},:*", at[3]) != NULL)
			has_dns = true;
	}
	return has_dns && !is_inside ? NULL : "dohpath does not have the variable dns";
}

/* Returns what is wrong with the value of one parameter, or NULL. */
static const char *value_fault(struct found *found, unsigned key, struct base_buf value)
{
	size_t n = base_buf_left(&value);

	switch (key) {
	case DNS_SVCB_MANDATORY:
		found->mandatory = value;
		return n == 0 || n % 2 != 0 ? "mandatory is not a list of keys" : NULL;
	case DNS_SVCB_ALPN:
		found->has_alpn = true;
		return alpn_fault(value);
	case DNS_SVCB_NO_DEFAULT_ALPN:
		found->has_no_default_alpn = true;
		return n != 0 ? "no-default-alpn has a value" : NULL;
	case DNS_SVCB_PORT:
		return n != 2 ? "port is not a number of 16 bits" : NULL;
	case DNS_SVCB_IPV4HINT:
		return n == 0 || n % 4 != 0 ? "ipv4hint is not a list of IPv4 addresses" : NULL;
	case DNS_SVCB_IPV6HINT:
		return n == 0 || n % 16 != 0 ? "ipv6hint is not a list of IPv6 addresses" : NULL;
	case DNS_SVCB_DOHPATH:
		return dohpath_fault(value);
	default:
		return NULL;
	}
}

static bool params_have(struct base_buf params, unsigned key)
{
	while (base_buf_left(&params) > 0) {
		unsigned found = base_buf_u16(&params);

		base_buf_take(&params, base_buf_u16(&params));
		if (found >= key)
			return found == key;
	}
	return false;
}

/* RFC 9460 section 8: the keys are in rising order, do not include "mandatory" itself, and each is
 * among the parameters. */
static const char *mandatory_fault(struct base_buf mandatory, struct base_buf params)
{
	unsigned before = DNS_SVCB_MANDATORY;

	while (base_buf_left(&mandatory) > 0) {
		unsigned key = base_buf_u16(&mandatory);

		if (key == DNS_SVCB_MANDATORY)
			return "mandatory lists itself";
		if (key <= before)
			return "mandatory lists a key twice or out of order";
		if (!params_have(params, key))
			return "a mandatory key is missing";
		before = key;
	}
	return NULL;
}

const char *dns_svcb_fault(struct base_buf params)
{
	struct found found = {.mandatory = base_buf_over(NULL, 0)};
	struct base_buf b = params;
	const char *fault = NULL;
	int last = -1;

	while (base_buf_left(&b) > 0 && fault == NULL) {
		int key = base_buf_u16(&b);
		size_t n = base_buf_u16(&b);
		const uint8_t *value = base_buf_take(&b, n);

		if (b.has_failed)
			return "a parameter is cut short";
		if (key <= last)
			return "the keys of the parameters are not in rising order";
		fault = value_fault(&found, (unsigned)key, base_buf_over(value, n));
		last = key;
	}
	if (fault == NULL)
		fault = mandatory_fault(found.mandatory, params);
	if (fault == NULL && found.has_no_default_alpn && !found.has_alpn)
		fault = "no-default-alpn without alpn";
	return fault;
}
