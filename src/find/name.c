/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/name.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "dnssd/kind.h"

enum { PORT_DIGITS_MAX = 5, QUOTE_MAX = 40 };

static int fail(char why[static FIND_NAME_WHY_MAX], const char *reason)
{
	snprintf(why, FIND_NAME_WHY_MAX, "%s", reason);
	return -EINVAL;
}

/* Like fail, with the text at fault, of which a long one is cut, between two parts of a reason. */
static int fail_about(char why[static FIND_NAME_WHY_MAX], const char *before, const char *text,
		      size_t nchars, const char *after)
{
	bool is_cut = nchars > QUOTE_MAX;

	snprintf(why, FIND_NAME_WHY_MAX, "%s\"%.*s%s\"%s", before,
		 (int)(is_cut ? QUOTE_MAX : nchars), text, is_cut ? "..." : "", after);
	return -EINVAL;
}

/* ---- names ---- */

/* Moves `at` after one character of a label. Returns false if it is an invalid escape. */
static bool character_skip(const char *text, size_t nchars, size_t *at)
{
	unsigned value = 0;

	if (text[(*at)++] != '\\')
		return true;
	if (*at >= nchars)
		return false;
	if (text[*at] < '0' || text[*at] > '9') {
		++*at;
		return true;
	}
	if (nchars - *at < 3)
		return false;
	for (size_t end = *at + 3; *at < end; ++*at) {
		if (text[*at] < '0' || text[*at] > '9')
			return false;
		value = value * 10 + (unsigned)(text[*at] - '0');
	}
	return value <= 255;
}

/* Finds out why a text is not a name. */
static int name_fault(const char *text, size_t nchars, char why[static FIND_NAME_WHY_MAX])
{
	size_t begin = 0, at = 0, noctets = 0;

	if (nchars == 0)
		return fail(why, "the name is empty");
	while (at < nchars) {
		if (text[at] == '.') {
			if (noctets == 0)
				return fail_about(why, "", text, nchars, " has an empty label");
			noctets = 0;
			begin = ++at;
			continue;
		}
		if (!character_skip(text, nchars, &at))
			return fail_about(why, "invalid escape in ", text + begin, nchars - begin,
					  ": a backslash is followed by a character, or three "
					  "digits up to 255");
		if (++noctets <= DNS_LABEL_MAX)
			continue;
		return fail_about(why, "the label ", text + begin, at - begin,
				  " is longer than 63 octets");
	}
	return fail_about(why, "the name ", text, nchars, " is longer than 255 octets");
}

/* Returns whether the text ends with a dot that is not escaped. */
static bool is_absolute(const char *text, size_t nchars)
{
	size_t nescapes = 0;

	if (nchars == 0 || text[nchars - 1] != '.')
		return false;
	while (nescapes < nchars - 1 && text[nchars - 2 - nescapes] == '\\')
		nescapes++;
	return nescapes % 2 == 0;
}

static int complete(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
		    const uint8_t *domain, char why[static FIND_NAME_WHY_MAX])
{
	if (dns_name_from_text(out, text, nchars, NULL) == 0)
		return name_fault(text, nchars, why);
	if (is_absolute(text, nchars) || dns_name_is_under(out, domain))
		return 0;
	if (dns_name_from_text(out, text, nchars, domain) == 0)
		return fail_about(why, "the name ", text, nchars,
				  ", completed with the domain, is longer than 255 octets");
	return 0;
}

int find_name_complete(uint8_t out[static DNS_NAME_MAX], const char *text, const uint8_t *domain,
		       char why[static FIND_NAME_WHY_MAX])
{
	uint8_t name[DNS_NAME_MAX];
	int status = complete(name, text, strlen(text), domain, why);

	if (status == 0)
		memcpy(out, name, dns_name_nbytes(name));
	return status;
}

/* ---- services ---- */

static bool is_underscored(const uint8_t *label)
{
	return label[0] > 1 && label[1] == '_';
}

static bool is_type(const uint8_t *name)
{
	const uint8_t *proto = name + 1 + name[0];

	return is_underscored(name) &&
	       (dnssd_label_is(proto, "_tcp") || dnssd_label_is(proto, "_udp"));
}

/* Returns the kind of a name by its first labels (RFC 6763 sections 4.1 and 7.1). */
static enum find_kind kind_of(const uint8_t *name)
{
	unsigned nlabels = dns_name_labels(name);

	if (nlabels >= 2 && is_type(name))
		return FIND_TYPE;
	if (nlabels >= 4 && dnssd_label_is(dns_name_strip(name, 1), "_sub") &&
	    is_type(dns_name_strip(name, 2)))
		return FIND_TYPE;
	if (nlabels >= 3 && is_type(dns_name_strip(name, 1)))
		return FIND_INSTANCE;
	return FIND_NAME;
}

static int service_read(struct find_name *out, const char *text, const uint8_t *domain,
			char why[static FIND_NAME_WHY_MAX])
{
	static const uint8_t types[] = "\11_services\7_dns-sd\4_udp";
	struct sockaddr_storage address;
	int status;

	if (base_address_from_text(&address, text, 1) == 0 && strchr(text, '@') == NULL)
		return fail_about(why, "an address needs a port: ", text, strlen(text),
				  strchr(text, ':') == NULL ? ":PORT" : " in brackets, and :PORT");
	status = complete(out->name, text, strlen(text), domain, why);
	if (status < 0)
		return status;
	if (dns_name_begins(out->name, types))
		return fail(why, "_services._dns-sd._udp lists service types, not instances");
	out->kind = kind_of(out->name);
	return 0;
}

/* ---- hosts ---- */

/* Returns where the port of `HOST:PORT` begins: after the last colon that is not escaped, unless a
 * dot follows, as in an instance's name. NULL: there is none. */
static const char *port_find(const char *text)
{
	const char *port = NULL;

	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == ':')
			port = c + 1;
		else if (*c == '.')
			port = NULL;
	}
	return port;
}

static int port_read(uint16_t *out, const char *text, char why[static FIND_NAME_WHY_MAX])
{
	size_t nchars = strlen(text);
	unsigned long port = 0;

	if (nchars == 0)
		return fail(why, "the port after the colon is missing");
	for (size_t i = 0; i < nchars; i++) {
		if (text[i] < '0' || text[i] > '9' || nchars > PORT_DIGITS_MAX)
			return fail_about(why, "the port ", text, nchars,
					  " is not a number from 1 to 65535");
		port = port * 10 + (unsigned long)(text[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return fail_about(why, "the port ", text, nchars,
				  " is not a number from 1 to 65535");
	*out = (uint16_t)port;
	return 0;
}

/* Reads an address of `nchars`. Returns false if it is not one. */
static bool address_read(struct find_name *out, const char *text, size_t nchars)
{
	char alone[BASE_ADDRESS_TEXT_MAX];
	struct sockaddr_storage address;

	if (nchars >= sizeof(alone) || memchr(text, '@', nchars) != NULL)
		return false;
	memcpy(alone, text, nchars);
	alone[nchars] = '\0';
	memset(&address, 0, sizeof(address));
	if (base_address_from_text(&address, alone, out->port) < 0 ||
	    dns_name_from_text(out->name, text, nchars, NULL) == 0)
		return false;
	_Static_assert(sizeof(address) == sizeof(out->address), "an address fits exactly");
	memcpy(out->address, &address, sizeof(address));
	out->is_address = true;
	return true;
}

/* Reads `[ADDRESS]:PORT`. */
static int bracketed_read(struct find_name *out, const char *text,
			  char why[static FIND_NAME_WHY_MAX])
{
	const char *end = strchr(text, ']');

	if (end == NULL || end[1] != ':')
		return fail(why, "an address in brackets is written [ADDRESS]:PORT");
	if (port_read(&out->port, end + 2, why) < 0)
		return -EINVAL;
	if (memchr(text, ':', (size_t)(end - text)) == NULL ||
	    !address_read(out, text + 1, (size_t)(end - text) - 1))
		return fail_about(why, "", text + 1, (size_t)(end - text) - 1,
				  " is not an IPv6 address");
	return 0;
}

static int host_read(struct find_name *out, const char *text, const char *port,
		     const uint8_t *domain, char why[static FIND_NAME_WHY_MAX])
{
	size_t nhost = (size_t)(port - text) - 1;
	int status;

	if (port_read(&out->port, port, why) < 0)
		return -EINVAL;
	if (nhost == 0)
		return fail(why, "the host before the colon is missing");
	if (address_read(out, text, nhost))
		return 0;
	status = complete(out->name, text, nhost, domain, why);
	if (status == 0 && kind_of(out->name) != FIND_NAME)
		return fail_about(why, "", text, nhost,
				  " is a service: its SRV records have the port");
	return status;
}

int find_name_from_text(struct find_name *out, const char *text, const uint8_t *domain,
			char why[static FIND_NAME_WHY_MAX])
{
	struct find_name name = {.kind = FIND_HOST};
	const char *port = port_find(text);
	struct sockaddr_storage address;
	int status;

	if (text[0] == '[')
		status = bracketed_read(&name, text, why);
	else if (port != NULL && base_address_from_text(&address, text, 1) < 0)
		status = host_read(&name, text, port, domain, why);
	else
		status = service_read(&name, text, domain, why);
	if (status == 0)
		*out = name;
	return status;
}
