/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "browse_kit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "lan/browser.h"
#include "lan/daemon.h"

enum { RDATA_MAX = 600 };

struct record {
	struct record *next;
	uint8_t name[DNS_NAME_MAX];
	uint16_t type;
	size_t nbytes;
	uint8_t rdata[RDATA_MAX];
};

struct lan_browser {
	struct lan_browser *next;
	uint8_t name[DNS_NAME_MAX];
	uint16_t type;
	lan_browser_fn on_record;
	void *arg;
	struct record *known;
};

bool kit_lan_is_running = true;

static struct record *there;
static struct lan_browser *browsers;

/* ---- the LAN ---- */

const uint8_t *kit_lan_name(const char *text)
{
	static const uint8_t local[] = "\5local";
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned n;
	uint8_t *name = names[n++ % 8];

	assert_int_not_equal(dns_name_from_text(name, text, strlen(text), local), 0);
	return name;
}

static struct record **find(struct record **list, const uint8_t *name, uint16_t type,
			    const uint8_t *rdata, size_t nbytes)
{
	while (*list != NULL &&
	       (!dns_name_equal((*list)->name, name) || (*list)->type != type ||
		(*list)->nbytes != nbytes || memcmp((*list)->rdata, rdata, nbytes) != 0))
		list = &(*list)->next;
	return list;
}

static void set(struct record **list, bool is_added, const uint8_t *name, uint16_t type,
		const uint8_t *rdata, size_t nbytes)
{
	struct record **at = find(list, name, type, rdata, nbytes), *r = *at;
	int n = memory_pause();

	assert_true(nbytes <= RDATA_MAX);
	if (is_added && r == NULL) {
		r = calloc(1, sizeof(*r));
		assert_non_null(r);
		memcpy(r->name, name, dns_name_nbytes(name));
		r->type = type;
		r->nbytes = nbytes;
		memcpy(r->rdata, rdata, nbytes);
		*at = r;
	} else if (!is_added && r != NULL) {
		*at = r->next;
		free(r);
	}
	memory_fail_after(n);
}

void kit_lan_ptr(bool is_added, const char *owner, const char *target)
{
	const uint8_t *name = kit_lan_name(target);

	set(&there, is_added, kit_lan_name(owner), DNS_TYPE_PTR, name, dns_name_nbytes(name));
}

void kit_lan_srv(bool is_added, const char *owner, uint16_t port, const char *target)
{
	const uint8_t *name = kit_lan_name(target);
	uint8_t rdata[6 + DNS_NAME_MAX] = {0, 0, 0, 0, (uint8_t)(port >> 8), (uint8_t)port};

	memcpy(rdata + 6, name, dns_name_nbytes(name));
	set(&there, is_added, kit_lan_name(owner), DNS_TYPE_SRV, rdata, 6 + dns_name_nbytes(name));
}

void kit_lan_txt(bool is_added, const char *owner, const char *string)
{
	uint8_t rdata[256] = {(uint8_t)strlen(string)};

	memcpy(rdata + 1, string, strlen(string));
	set(&there, is_added, kit_lan_name(owner), DNS_TYPE_TXT, rdata, 1 + strlen(string));
}

void kit_lan_a(bool is_added, const char *owner, const char *address)
{
	uint8_t rdata[4];

	assert_int_equal(inet_pton(AF_INET, address, rdata), 1);
	set(&there, is_added, kit_lan_name(owner), DNS_TYPE_A, rdata, 4);
}

void kit_lan_aaaa(bool is_added, const char *owner, const char *address)
{
	uint8_t rdata[16];

	assert_int_equal(inet_pton(AF_INET6, address, rdata), 1);
	set(&there, is_added, kit_lan_name(owner), DNS_TYPE_AAAA, rdata, 16);
}

void kit_lan_service(bool is_added, const char *label, const char *type, uint16_t port,
		     const char *host, const char *address)
{
	char name[DNS_NAME_TEXT_MAX];

	snprintf(name, sizeof(name), "%s.%s", label, type);
	kit_lan_ptr(is_added, type, name);
	kit_lan_srv(is_added, name, port, host);
	kit_lan_txt(is_added, name, "path=/");
	kit_lan_a(is_added, host, address);
}

/* ---- reports ---- */

/* Reports one difference of a browser. Returns whether there was one; the browser may be gone. */
static bool report(struct lan_browser *b)
{
	struct record copy;

	for (struct record *r = b->known; r != NULL; r = r->next)
		if (*find(&there, r->name, r->type, r->rdata, r->nbytes) == NULL) {
			copy = *r;
			set(&b->known, false, r->name, r->type, r->rdata, r->nbytes);
			b->on_record(b->arg, b, LAN_BROWSER_REMOVED, copy.rdata, copy.nbytes);
			return true;
		}
	for (struct record *r = there; r != NULL; r = r->next)
		if (r->type == b->type && dns_name_equal(r->name, b->name) &&
		    *find(&b->known, r->name, r->type, r->rdata, r->nbytes) == NULL) {
			set(&b->known, true, r->name, r->type, r->rdata, r->nbytes);
			b->on_record(b->arg, b, LAN_BROWSER_ADDED, r->rdata, r->nbytes);
			return true;
		}
	return false;
}

bool kit_lan_run(void)
{
	struct lan_browser *b = browsers;
	bool has_reported = false;

	while (b != NULL) {
		bool is_news = report(b);

		has_reported |= is_news;
		b = is_news ? browsers : b->next;
	}
	return has_reported;
}

/* The browser knows the record from now on, as its first. */
void kit_lan_see(const char *target)
{
	struct lan_browser *b = browsers;
	const uint8_t *name = kit_lan_name(target);
	struct record *first = b->known;

	b->known = NULL;
	set(&b->known, true, b->name, DNS_TYPE_PTR, name, dns_name_nbytes(name));
	b->known->next = first;
	b->on_record(b->arg, b, LAN_BROWSER_ADDED, name, dns_name_nbytes(name));
}

void kit_lan_lose(const char *target)
{
	struct lan_browser *b = browsers;
	const uint8_t *name = kit_lan_name(target);

	set(&b->known, false, b->name, DNS_TYPE_PTR, name, dns_name_nbytes(name));
	b->on_record(b->arg, b, LAN_BROWSER_REMOVED, name, dns_name_nbytes(name));
}

size_t kit_lan_nbrowsers(void)
{
	size_t n = 0;

	for (const struct lan_browser *b = browsers; b != NULL; b = b->next)
		n++;
	return n;
}

static void records_free(struct record **list)
{
	while (*list != NULL)
		set(list, false, (*list)->name, (*list)->type, (*list)->rdata, (*list)->nbytes);
}

void kit_lan_clear(void)
{
	assert_int_equal(kit_lan_nbrowsers(), 0);
	records_free(&there);
	kit_lan_is_running = true;
}

/* ---- lan/browser.h, lan/daemon.h ---- */

struct lan_browser *lan_browser_new(struct lan_daemon *d, const struct lan_interfaces *where,
				    const uint8_t *name, uint16_t type, lan_browser_fn on_record,
				    void *arg)
{
	struct lan_browser *b = calloc(1, sizeof(*b));

	(void)d;
	(void)where;
	if (b == NULL)
		return NULL;
	memcpy(b->name, name, dns_name_nbytes(name));
	b->type = type;
	b->on_record = on_record;
	b->arg = arg;
	b->next = browsers;
	browsers = b;
	return b;
}

void lan_browser_each(const struct lan_browser *b,
		      void (*each)(void *arg, const uint8_t *rdata, size_t nbytes), void *arg)
{
	for (const struct record *r = b->known; r != NULL; r = r->next)
		each(arg, r->rdata, r->nbytes);
}

void lan_browser_free(struct lan_browser *b)
{
	struct lan_browser **at = &browsers;

	if (b == NULL)
		return;
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	records_free(&b->known);
	free(b);
}

bool lan_daemon_is_running(const struct lan_daemon *d)
{
	(void)d;
	return kit_lan_is_running;
}
