/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/show.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "cli/table.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "doctor/lan_judge.h"

enum { LINE_SIZE = 256, TIME_SIZE = 24, COLUMNS = 4, INDENT = 2 };

/* One row: a hop and what it has answered. */
struct row {
	char where[128], answer[LINE_SIZE];
	uint32_t rtt_us; /* 0: none */
	bool is_well;
};

/* How rows look on this terminal. */
struct look {
	const char *well, *ill;		/* signs */
	const char *red, *yellow, *off; /* colours, or "" */
	size_t width;			/* 0: not a terminal */
};

static struct look look_make(void)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
	bool is_terminal = isatty(STDOUT_FILENO);
	bool has_colour = is_terminal && term != NULL && strcmp(term, "dumb") != 0 &&
			  (none == NULL || none[0] == '\0');
	struct look l = {.well = "ok", .ill = "FAIL", .red = "", .yellow = "", .off = ""};

	if (is_terminal && setlocale(LC_CTYPE, "") != NULL &&
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {
		l.well = "\342\234\223";
		l.ill = "\342\234\227";
	}
	if (has_colour) {
		l.red = "\033[31m";
		l.yellow = "\033[33m";
		l.off = "\033[0m";
	}
	l.width = cli_table_terminal(stdout);
	return l;
}

/* ---- what a hop has answered, in short ---- */

/* Writes the number of records of each type. Returns the characters written. */
static size_t counts_write(char *out, size_t size, const struct doctor_subject *s,
			   const struct doctor_hop *h)
{
	size_t n = 0;

	for (size_t k = 0; k < s->ntypes && n < size; k++) {
		const struct doctor_view *v = doctor_hop_view(h, k);
		char type[DNS_TYPE_TEXT_MAX];

		if (!doctor_view_is_good(v))
			continue;
		n += (size_t)snprintf(out + n, size - n, "%s%zu %s", n > 0 ? ", " : "",
				      doctor_view_count(v, RESOLVE_ANSWER, s->types[k]),
				      dns_type_to_text(type, s->types[k]));
	}
	return n < size ? n : size - 1;
}

static const struct doctor_view *hop_answer(const struct doctor_hop *h)
{
	if (h->soa.view.outcome == DOCTOR_ANSWERED)
		return &h->soa.view;
	return h->tcp.view.outcome == DOCTOR_ANSWERED ? &h->tcp.view : &h->plain.view;
}

static void hop_row(struct row *r, const struct doctor_visit *v, const struct doctor_hop *h)
{
	const struct doctor_view *answer = hop_answer(h);
	const struct doctor_record *soa = doctor_view_soa(answer);
	size_t n;

	*r = (struct row){.rtt_us = answer->rtt_us,
			  .is_well = !doctor_finding_is_fault(&v->findings, h->label)};
	snprintf(r->where, sizeof(r->where), "%s", h->label);
	if (answer->outcome != DOCTOR_ANSWERED) {
		snprintf(r->answer, sizeof(r->answer), "no answer");
		return;
	}
	n = counts_write(r->answer, sizeof(r->answer), &v->subject, h);
	if (n == 0 || (answer->rcode != DNS_RCODE_NOERROR && answer->rcode != DNS_RCODE_NXDOMAIN))
		snprintf(r->answer, sizeof(r->answer), "%s", dns_rcode_text(answer->rcode));
	else if (soa != NULL && dns_name_equal(soa->owner, v->subject.zone))
		snprintf(r->answer + n, sizeof(r->answer) - n, ", serial %u",
			 dns_soa_read(soa->rdata, soa->nbytes).serial);
}

static void contact_row(struct row *r, const struct doctor_contact *c)
{
	char address[BASE_ADDRESS_TEXT_MAX], target[DNS_NAME_TEXT_MAX];

	*r = (struct row){.rtt_us = c->error == 0 ? c->rtt_us : 0, .is_well = c->error == 0};
	dns_name_to_text(target, c->target);
	base_address_to_text(address, (const struct sockaddr *)&c->address);
	snprintf(r->where, sizeof(r->where), "instance %s", address);
	snprintf(r->answer, sizeof(r->answer), "%s: %.150s",
		 c->error != 0	   ? strerror(-c->error)
		 : !c->is_datagram ? "connected"
		 : c->rtt_us > 0   ? "answers"
				   : "no ICMP error",
		 target);
}

static void system_row(struct row *r, const struct doctor_visit *v)
{
	const struct doctor_system *s = &v->system;
	size_t n = 0;

	*r = (struct row){.rtt_us = s->rtt_us,
			  .is_well = !doctor_finding_is_fault(&v->findings, "getaddrinfo")};
	snprintf(r->where, sizeof(r->where), "getaddrinfo");
	if (s->error != 0)
		snprintf(r->answer, sizeof(r->answer), "%s", gai_strerror(s->error));
	for (size_t i = 0; i < s->naddresses && n < sizeof(r->answer) - 1; i++) {
		char text[BASE_ADDRESS_TEXT_MAX];

		base_address_to_text(text, (const struct sockaddr *)&s->addresses[i]);
		text[strcspn(text, "@")] = '\0';
		n += (size_t)snprintf(r->answer + n, sizeof(r->answer) - n, "%s%s",
				      i > 0 ? ", " : "", text);
	}
}

/* Writes how many instances, or addresses of a host, were found. */
static void found_write(char *out, size_t size, const struct doctor_subject *s, size_t n)
{
	if (s->types[0] == DNS_TYPE_A)
		snprintf(out, size, "%zu address%s", n, n == 1 ? "" : "es");
	else
		snprintf(out, size, "%zu instance%s", n, n == 1 ? "" : "s");
}

static void library_row(struct row *r, const struct doctor_visit *v)
{
	const struct doctor_library *l = &v->library;

	*r = (struct row){
		.rtt_us = l->rtt_us,
		.is_well = (l->error == 0 || (l->error == -ENOENT && v->reference != NULL)) &&
			   !doctor_finding_is_fault(&v->findings, "libweft")};
	snprintf(r->where, sizeof(r->where), "libweft");
	if (l->error == -ENOENT)
		snprintf(r->answer, sizeof(r->answer), "nothing");
	else if (l->error != 0)
		snprintf(r->answer, sizeof(r->answer), "%s", strerror(-l->error));
	else
		found_write(r->answer, sizeof(r->answer), &v->subject,
			    v->subject.types[0] == DNS_TYPE_A ? l->naddresses : l->ninstances);
}

static void lan_row(struct row *r, const struct doctor_visit *v)
{
	const struct doctor_lan *l = &v->lan;
	size_t n = 0;

	*r = (struct row){.rtt_us = l->rtt_us,
			  .is_well = !doctor_finding_is_fault(&v->findings, doctor_lan_label)};
	snprintf(r->where, sizeof(r->where), "%s", doctor_lan_label);
	for (size_t i = 0; i < l->n; i++)
		n += v->subject.types[0] == DNS_TYPE_A || doctor_lan_is_first(l, i);
	if (n > 0)
		found_write(r->answer, sizeof(r->answer), &v->subject, n);
	else
		snprintf(r->answer, sizeof(r->answer), "%s",
			 l->error == 0		     ? "nothing"
			 : l->error == -EHOSTUNREACH ? "no avahi-daemon here"
			 : l->error == -ETIMEDOUT    ? "no answer in time"
						     : strerror(-l->error));
}

static void push_row(struct row *r, const struct doctor_probe *p)
{
	char address[BASE_ADDRESS_TEXT_MAX];

	*r = (struct row){.rtt_us = p->view.rtt_us, .is_well = p->view.outcome == DOCTOR_ANSWERED};
	base_address_to_text(address, (const struct sockaddr *)&p->to.address);
	snprintf(r->where, sizeof(r->where), "push %s", address);
	snprintf(r->answer, sizeof(r->answer), "%s",
		 r->is_well ? "answers over TLS" : "no answer over TLS");
}

/* Takes each row. Returns false if one was not taken. */
static bool rows_each(const struct doctor_visit *v, bool (*take)(void *arg, const struct row *r),
		      void *arg)
{
	struct row r;
	bool is_well = true;

	for (size_t i = 0; i < v->nregistries; i++) {
		hop_row(&r, v, &v->registries[i]);
		is_well = take(arg, &r) && is_well;
	}
	for (size_t i = 0; i < v->nresolvers; i++) {
		hop_row(&r, v, &v->resolvers[i]);
		is_well = take(arg, &r) && is_well;
	}
	if (v->library.is_asked) {
		library_row(&r, v);
		is_well = take(arg, &r) && is_well;
	}
	if (v->system.is_asked) {
		system_row(&r, v);
		is_well = take(arg, &r) && is_well;
	}
	if (v->lan.is_asked) {
		lan_row(&r, v);
		is_well = take(arg, &r) && is_well;
	}
	for (size_t i = 0; i < v->ncontacts; i++) {
		contact_row(&r, &v->contacts[i]);
		is_well = take(arg, &r) && is_well;
	}
	if (v->push.view.outcome != DOCTOR_UNASKED) {
		push_row(&r, &v->push);
		is_well = take(arg, &r) && is_well;
	}
	return is_well;
}

/* ---- for people ---- */

struct table {
	struct cli_table *table;
	const struct look *look;
};

static bool table_take(void *arg, const struct row *r)
{
	struct table *t = arg;
	char when[TIME_SIZE] = "";
	const char *cells[COLUMNS] = {r->is_well ? t->look->well : t->look->ill, r->where, when,
				      r->answer};

	if (r->rtt_us > 0)
		snprintf(when, sizeof(when), "%.1f ms", r->rtt_us / 1000.0);
	return cli_table_add(t->table, cells) == 0;
}

static void table_show(const struct doctor_visit *v, const struct look *look)
{
	static const char *const names[COLUMNS] = {"", "HOP", "TIME", "ANSWER"};
	struct table t = {.table = cli_table_new(COLUMNS), .look = look};

	if (t.table == NULL)
		return;
	for (size_t i = 0; i < COLUMNS; i++)
		cli_table_column(t.table, i, names[i], i == 2);
	if (rows_each(v, table_take, &t))
		cli_table_write(t.table, stdout, look->width, 0);
	cli_table_free(t.table);
}

/* Writes words after `at` columns, broken into lines of `width` columns; 0: as one line. */
static void words_write(const char *text, size_t at, size_t width)
{
	while (*text != '\0') {
		size_t n = width > 0 ? strcspn(text, " ") : strlen(text);

		if (width > 0 && at > INDENT && at + 1 + n > width) {
			printf("\n%*s", INDENT, "");
			at = INDENT;
		} else if (at > INDENT) {
			putchar(' ');
			at++;
		}
		printf("%.*s", (int)n, text);
		at += n;
		text += n + strspn(text + n, " ");
	}
	putchar('\n');
}

/* Returns the end of a sentence, which a name as text has already. */
static const char *full_stop(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && text[n - 1] == '.' ? "" : ".";
}

static void finding_show(const struct doctor_finding *f, const struct look *look)
{
	bool is_fault = f->severity == DOCTOR_FAULT;
	const char *kind = is_fault ? "fault" : "note";
	char text[sizeof(f->where) + sizeof(f->text) + sizeof(f->mend)];

	printf("%s%s%s:", is_fault ? look->red : look->yellow, kind, look->off);
	snprintf(text, sizeof(text), "%s %s%s", f->where, f->text, full_stop(f->text));
	words_write(text, strlen(kind) + 1, look->width);
	if (f->mend[0] == '\0')
		return;
	snprintf(text, sizeof(text), "Mend it by: %s%s", f->mend, full_stop(f->mend));
	printf("%*s", INDENT, "");
	words_write(text, INDENT, look->width);
}

int doctor_show(const struct doctor_visit *v, bool is_quiet)
{
	struct look look = look_make();

	if (!is_quiet) {
		printf("%s\n\n", v->subject.text);
		table_show(v, &look);
		putchar('\n');
	}
	for (size_t i = 0; i < v->findings.n; i++)
		if (!is_quiet || v->findings.all[i].severity == DOCTOR_FAULT)
			finding_show(&v->findings.all[i], &look);
	if (!is_quiet && !doctor_finding_is_fault(&v->findings, NULL))
		puts("All hops agree.");
	return fflush(stdout) == 0 ? 0 : -1;
}

/* ---- JSON ---- */

static bool json_take(void *arg, const struct row *r)
{
	json_t *hop = json_pack("{s:s, s:b, s:s}", "hop", r->where, "ok", r->is_well, "answer",
				r->answer);

	json_object_set_new(hop, "ms", r->rtt_us > 0 ? json_real(r->rtt_us / 1000.0) : json_null());
	return json_array_append_new(arg, hop) == 0;
}

json_t *doctor_show_to_json(const struct doctor_visit *v)
{
	char zone[DNS_NAME_TEXT_MAX];
	json_t *hops = json_array(), *findings = json_array();

	rows_each(v, json_take, hops);
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct doctor_finding *f = &v->findings.all[i];

		json_array_append_new(findings,
				      json_pack("{s:s, s:s, s:s, s:s, s:s}", "severity",
						f->severity == DOCTOR_FAULT ? "fault" : "note",
						"what", f->code, "hop", f->where, "text", f->text,
						"mend", f->mend));
	}
	dns_name_to_text(zone, v->subject.zone);
	return json_pack("{s:s, s:o?, s:b, s:o, s:o}", "name", v->subject.text, "zone",
			 v->reference != NULL ? json_string(zone) : NULL, "ok",
			 !doctor_finding_is_fault(&v->findings, NULL), "hops", hops, "findings",
			 findings);
}
