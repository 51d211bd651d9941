/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How a file is read: a window slides over it that always holds at least one whole entry; the entry
 * is split into tokens; a directive changes the reader's state, anything else is a record. $INCLUDE
 * puts another file on top of a stack; $GENERATE writes lines of text, which are read like others.
 */

#include "text/zonefile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/generate.h"
#include "text/head.h"
#include "text/rdata_parse.h"
#include "text/source.h"
#include "text/token.h"
#include "text/value.h"
#include "text/words.h"

enum {
	ERRORS_MAX = 20,
	GENERATED_MAX = 16 * 1024, /* octets of one line made by $GENERATE */
};

/* The owner of a record that begins with a blank is that of the record before. If that one was
 * invalid, which has been reported, the record is skipped. */
enum owner_state { OWNER_NONE, OWNER_VALID, OWNER_INVALID };

/* One open file, with what is restored at its end (RFC 1035 section 5.1). */
struct file {
	struct text_source source;
	struct file *parent; /* the file whose $INCLUDE this is */
	dev_t dev;
	ino_t ino;
	uint32_t line; /* where reading the parent continues */
	uint8_t origin[DNS_NAME_MAX];
	uint8_t owner[DNS_NAME_MAX];
	enum owner_state owner_state;
	bool is_judged; /* its begin was looked at */
};

struct reading {
	const struct text_reader *reader;
	struct file *file; /* the file being read */
	unsigned depth;
	struct text_entry entry;
	struct text_entry generated; /* of $GENERATE's lines */
	uint32_t generate_line;	     /* of the present $GENERATE; 0: none */
	uint8_t origin[DNS_NAME_MAX];
	size_t norigin;
	bool is_origin_inside; /* then a relative name need not be checked */
	uint8_t owner[DNS_NAME_MAX];
	enum owner_state owner_state;
	uint32_t default_ttl, last_ttl;
	bool has_default_ttl, has_last_ttl;
	uint8_t *rdata;
	unsigned nerrors;
	int failure; /* ends the reading: a negative errno */
};

/* ---- errors ---- */

static void report_error(struct reading *r, struct base_error *error)
{
	unsigned most = r->reader->errors_max > 0 ? r->reader->errors_max : ERRORS_MAX;

	error->at.file = r->file->source.path;
	if (r->generate_line > 0)
		error->at.line = r->generate_line;
	r->reader->on_report(r->reader->arg, BASE_LOG_ERROR, error);
	if (++r->nerrors < most)
		return;
	base_error_set_at(error, -EBADMSG, error->at, "too many errors: the rest is not read");
	r->reader->on_report(r->reader->arg, BASE_LOG_ERROR, error);
	r->failure = -EBADMSG;
}

static void report(struct reading *r, int code, uint32_t line, const char *text)
{
	struct base_error error;

	base_error_set_at(&error, code, (struct base_location){NULL, line}, "%s", text);
	report_error(r, &error);
}

/* ---- files ---- */

static void file_free(struct file *f)
{
	text_source_close(&f->source);
	free(f);
}

static bool is_open(const struct reading *r, const struct stat *st)
{
	for (const struct file *f = r->file; f != NULL; f = f->parent)
		if (f->dev == st->st_dev && f->ino == st->st_ino)
			return true;
	return false;
}

/* Opens a file and takes `path` (heap), even on failure. Returns 0, -ELOOP if the file is being
 * read already, or what text_source_open returns. */
static int file_open(struct file **out, const struct reading *r, char *path)
{
	struct file *f = calloc(1, sizeof(*f));
	struct stat st;
	int ret;

	if (f == NULL) {
		free(path);
		return -ENOMEM;
	}
	ret = text_source_open(&f->source, path, &st);
	if (ret < 0) {
		free(f);
		return ret;
	}
	if (is_open(r, &st)) {
		file_free(f);
		return -ELOOP;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	if (r->reader->on_opened != NULL)
		r->reader->on_opened(r->reader->arg, f->source.path, &st);
	*out = f;
	return 0;
}

static void set_origin(struct reading *r, const uint8_t *origin)
{
	r->norigin = dns_name_nbytes(origin);
	memmove(r->origin, origin, r->norigin);
	r->is_origin_inside = dns_name_is_under(origin, r->reader->origin);
}

static void file_push(struct reading *r, struct file *f)
{
	f->parent = r->file;
	f->line = r->entry.line;
	memcpy(f->origin, r->origin, sizeof(f->origin));
	memcpy(f->owner, r->owner, sizeof(f->owner));
	f->owner_state = r->owner_state;
	r->file = f;
	r->entry.line = 1;
	r->depth++;
}

static void file_pop(struct reading *r)
{
	struct file *f = r->file;

	r->file = f->parent;
	r->entry.line = f->line;
	set_origin(r, f->origin);
	memcpy(r->owner, f->owner, sizeof(r->owner));
	r->owner_state = f->owner_state;
	r->depth--;
	file_free(f);
}

/* ---- records ---- */

static bool is_other_class(const struct text_token *t)
{
	return text_token_is(t, "CH") || text_token_is(t, "CS") || text_token_is(t, "HS") ||
	       (t->nchars > 5 && !t->is_quoted && strncasecmp(t->text, "CLASS", 5) == 0);
}

/* The fields between owner and rdata. */
struct preamble {
	uint16_t type;
	uint32_t ttl;
	bool has_ttl;
};

static bool is_ttl(const struct text_token *t)
{
	return !t->is_quoted && t->nchars > 0 && t->text[0] >= '0' && t->text[0] <= '9';
}

static bool is_class(const struct text_token *t)
{
	return t->nchars == 2 && (t->text[0] | 0x20) == 'i' && (t->text[1] | 0x20) == 'n' &&
	       !t->is_quoted;
}

/* Reads [TTL] [class] type or [class] [TTL] type. */
static void preamble_parse(struct text_words *w, struct preamble *p)
{
	bool has_class = false;
	const struct text_token *t;

	while ((t = text_words_take(w, "the type of the record is missing")) != NULL) {
		if (!p->has_ttl && is_ttl(t)) {
			p->has_ttl =
				text_value_parse_ttl(&p->ttl, t->text, t->nchars, TEXT_TTL_MAX);
			if (!p->has_ttl)
				text_words_fail(w, t, "is not a TTL from 0 to 2147483647");
		} else if (!has_class && (is_class(t) || text_token_is(t, "CLASS1"))) {
			has_class = true;
		} else if (!has_class && is_other_class(t)) {
			text_words_fail(w, t, "is a class other than IN");
		} else {
			if (!text_value_parse_type(&p->type, t))
				text_words_fail(w, t, "is not a type of records");
			else if (dns_type_is_meta(p->type))
				text_words_fail(w, t, "is not a type that a zone may hold");
			return;
		}
	}
}

/* Finds the TTL of a record: its own, that of $TTL, the last one given, or the SOA's minimum (RFC
 * 2308 section 4, RFC 1035 section 5.1). Returns false if there is none, or it is too large. */
static bool find_ttl(struct reading *r, struct preamble *p, const struct base_out *rdata)
{
	if (p->has_ttl || (p->type == DNS_TYPE_SOA && !r->has_default_ttl && !r->has_last_ttl)) {
		if (!p->has_ttl)
			p->ttl = dns_soa_read(rdata->start, base_out_nbytes(rdata)).minimum;
		r->last_ttl = p->ttl;
		r->has_last_ttl = true;
		return p->ttl <= TEXT_TTL_MAX;
	}
	p->ttl = r->has_default_ttl ? r->default_ttl : r->last_ttl;
	return r->has_default_ttl || r->has_last_ttl;
}

static void report_outside(struct reading *r, uint32_t line)
{
	struct base_error error;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, r->owner);
	base_error_set_at(&error, -EBADMSG, (struct base_location){NULL, line},
			  "%s is outside of the zone", name);
	report_error(r, &error);
}

/* Parses the owner, or leaves that of the record before. Returns false if the owner is not valid,
 * which was reported. */
static bool owner_parse(struct reading *r, struct text_words *w, const struct text_entry *e)
{
	const struct text_token *t = e->tokens;
	bool is_relative = t->nchars > 0 && t->text[t->nchars - 1] != '.';

	if (e->is_blank) {
		if (r->owner_state == OWNER_NONE)
			report(r, -EBADMSG, t->line, "the first record has no owner");
		return r->owner_state == OWNER_VALID;
	}
	r->owner_state = OWNER_INVALID;
	if (text_words_name(w, r->owner) == 0)
		report_error(r, &w->error);
	else if ((is_relative && r->is_origin_inside) ||
		 dns_name_is_under(r->owner, r->reader->origin))
		r->owner_state = OWNER_VALID;
	else
		report_outside(r, t->line);
	return r->owner_state == OWNER_VALID;
}

static void record_hand_on(struct reading *r, const struct dns_record *record, uint32_t line)
{
	int ret;

	if (r->reader->location != NULL) {
		r->reader->location->file = r->file->source.path;
		r->reader->location->line = r->generate_line > 0 ? r->generate_line : line;
	}
	ret = r->reader->on_record(r->reader->arg, record);
	if (ret < 0)
		r->failure = ret;
}

static void record_parse(struct reading *r, const struct text_entry *e)
{
	struct text_words w;
	struct base_out rdata = base_out_over(r->rdata, DNS_RDATA_MAX);
	struct preamble p = {0};
	struct dns_record record;

	text_words_init(&w, e, r->origin, r->norigin);
	if (!owner_parse(r, &w, e))
		return;
	preamble_parse(&w, &p);
	if (!text_words_has_failed(&w))
		text_rdata_parse(&w, p.type, &rdata);
	if (!text_words_has_failed(&w) && !find_ttl(r, &p, &rdata))
		text_words_fail(&w, NULL, "no usable TTL: put $TTL before the first record");
	if (text_words_has_failed(&w)) {
		report_error(r, &w.error);
		return;
	}
	record = (struct dns_record){.owner = r->owner,
				     .type = p.type,
				     .ttl = p.ttl,
				     .rdata = r->rdata,
				     .nbytes = (uint16_t)base_out_nbytes(&rdata)};
	record_hand_on(r, &record, e->tokens[0].line);
}

/* ---- directives ---- */

static void origin_directive(struct reading *r, struct text_words *w)
{
	uint8_t name[DNS_NAME_MAX];

	if (text_words_name(w, name) > 0)
		set_origin(r, name);
}

static void ttl_directive(struct reading *r, struct text_words *w)
{
	const struct text_token *t = text_words_take(w, "the TTL is missing");

	if (t == NULL)
		return;
	if (t->is_quoted ||
	    !text_value_parse_ttl(&r->default_ttl, t->text, t->nchars, TEXT_TTL_MAX))
		text_words_fail(w, t, "is not a TTL from 0 to 2147483647");
	else
		r->has_default_ttl = true;
}

/* Returns the path of an $INCLUDE, relative to the folder of the file that contains the directive;
 * on the heap, NULL when out of memory. */
static char *include_path(const char *parent, const struct text_token *t)
{
	const char *slash = strrchr(parent, '/');
	size_t nfolder = slash == NULL || t->text[0] == '/' ? 0 : (size_t)(slash - parent) + 1;
	char *path = malloc(nfolder + t->nchars + 1);

	if (path == NULL)
		return NULL;
	memcpy(path, parent, nfolder);
	memcpy(path + nfolder, t->text, t->nchars);
	path[nfolder + t->nchars] = '\0';
	return path;
}

static void include_directive(struct reading *r, struct text_words *w)
{
	const struct text_token *t = text_words_take(w, "the file's name is missing");
	uint8_t origin[DNS_NAME_MAX];
	bool has_origin = w->at < w->end && text_words_name(w, origin) > 0;
	struct file *f;
	int ret;

	if (t == NULL || text_words_has_failed(w) || w->at < w->end)
		return;
	if (t->nchars == 0) {
		text_words_fail(w, t, "is not the name of a file");
		return;
	}
	ret = r->depth >= TEXT_INCLUDE_DEPTH
		      ? -EMLINK
		      : file_open(&f, r, include_path(r->file->source.path, t));
	if (ret < 0) {
		if (ret == -EMLINK)
			text_words_fail(w, t, "cannot be included: more than %d files deep",
					TEXT_INCLUDE_DEPTH);
		else if (ret == -ELOOP)
			text_words_fail(w, t, "cannot be included: it includes itself");
		else
			text_words_fail(w, t, "cannot be opened: %s", strerror(-ret));
		return;
	}
	file_push(r, f);
	if (has_origin)
		set_origin(r, origin);
}

/* Makes the line of one number and parses it. Returns false if the directive is to end. */
static bool generate_one(struct reading *r, struct text_words *w, const struct text_generate *g,
			 char *text, uint32_t value)
{
	struct base_out o = base_out_over(text, GENERATED_MAX);
	unsigned nerrors = r->nerrors;
	const char *at = text;

	if (!text_generate_write(&o, g, value)) {
		text_words_fail(w, g->owner,
				"has a $ that cannot be replaced, here or in the data");
		return false;
	}
	if (o.is_full) {
		text_words_fail(w, g->owner, "makes a line that is too long");
		return false;
	}
	r->generated.line = r->generate_line;
	switch (text_entry_scan(&r->generated, &at, (char *)o.at - 1, true)) {
	case TEXT_SCAN_MEMORY:
		r->failure = -ENOMEM;
		return false;
	case TEXT_SCAN_ENTRY:
		if (r->generated.error != NULL)
			report(r, -EBADMSG, r->generate_line, r->generated.error);
		else
			record_parse(r, &r->generated);
		break;
	default:
		text_words_fail(w, g->owner, "makes an empty line");
		return false;
	}
	return r->nerrors == nerrors && r->failure == 0;
}

static void generate_directive(struct reading *r, struct text_words *w)
{
	const struct text_token *range = text_words_take(w, "the range is missing");
	struct text_generate g = {.owner = text_words_take(w, "the owner is missing")};
	enum owner_state owner_state = r->owner_state;
	uint8_t owner[DNS_NAME_MAX];
	char *text;

	if (g.owner == NULL)
		return;
	g.more = w->at;
	g.end = w->end;
	if (!text_generate_parse(&g, range->text, range->nchars)) {
		text_words_fail(w, range, "is not a range START-STOP or START-STOP/STEP");
		return;
	}
	text = malloc(GENERATED_MAX);
	if (text == NULL) {
		r->failure = -ENOMEM;
		return;
	}
	w->at = w->end;
	r->generate_line = range->line;
	memcpy(owner, r->owner, sizeof(owner));
	for (uint64_t i = g.start; i <= g.stop; i += g.step)
		if (!generate_one(r, w, &g, text, (uint32_t)i))
			break;
	r->generate_line = 0;
	/* A record without an owner continues the one before the directive, as in BIND. */
	memcpy(r->owner, owner, sizeof(owner));
	r->owner_state = owner_state;
	free(text);
}

static const struct {
	const char *text;
	void (*run)(struct reading *r, struct text_words *w);
} directives[] = {
	{"$ORIGIN", origin_directive},
	{"$TTL", ttl_directive},
	{"$INCLUDE", include_directive},
	{"$GENERATE", generate_directive},
};

static void directive_parse(struct reading *r, const struct text_entry *e)
{
	struct text_words w;
	const struct text_token *t;
	const struct file *file = r->file;
	size_t i = 0;

	text_words_init(&w, e, r->origin, r->norigin);
	t = w.at++;
	while (i < sizeof(directives) / sizeof(*directives) &&
	       !text_token_is(t, directives[i].text))
		i++;
	if (i == sizeof(directives) / sizeof(*directives))
		text_words_fail(&w, t, "is not a directive");
	else
		directives[i].run(r, &w);
	if (w.at < w.end)
		text_words_fail(&w, w.at, "is more than the directive takes");
	if (text_words_has_failed(&w) && r->file == file)
		report_error(r, &w.error);
}

/* ---- the reading ---- */

static void entry_parse(struct reading *r)
{
	const struct text_entry *e = &r->entry;

	if (e->error != NULL)
		report(r, -EBADMSG, e->error_line, e->error);
	else if (!e->is_blank && !e->tokens[0].is_quoted && e->tokens[0].nchars > 0 &&
		 e->tokens[0].text[0] == '$')
		directive_parse(r, e);
	else
		record_parse(r, e);
}

/* Ends the reading if the begin of a file shows that it is not a zone file. */
static void head_judge(struct reading *r, struct file *f)
{
	const char *problem = f->is_judged ? NULL
					   : text_head_judge(f->source.window, f->source.fill);

	f->is_judged = true;
	if (problem == NULL)
		return;
	report(r, -EBADMSG, 1, problem);
	r->failure = -EBADMSG;
}

static void window_refill(struct reading *r)
{
	struct file *f = r->file;
	int ret = text_source_fill(&f->source);

	if (ret == 0) {
		head_judge(r, f);
		return;
	}
	r->failure = ret == -EMSGSIZE ? -EBADMSG : ret;
	report(r, r->failure, r->entry.line,
	       ret == -EMSGSIZE ? "the entry is too long" : strerror(-ret));
}

/* Reads one entry of the file on top of the stack, refills the window, or closes the file at its
 * end. */
static void read_on(struct reading *r)
{
	struct text_source *s = &r->file->source;
	const char *at = s->window + s->start, *end = s->window + s->fill;

	s->window[s->fill] = '\n';
	switch (text_entry_scan(&r->entry, &at, end, s->is_last)) {
	case TEXT_SCAN_ENTRY:
		s->start = (size_t)(at - s->window);
		entry_parse(r);
		break;
	case TEXT_SCAN_MORE:
		s->start = (size_t)(at - s->window);
		window_refill(r);
		break;
	case TEXT_SCAN_END:
		file_pop(r);
		break;
	case TEXT_SCAN_MEMORY:
		r->failure = -ENOMEM;
		break;
	}
}

int text_zonefile_read(const char *path, const struct text_reader *reader)
{
	struct reading r = {.reader = reader, .rdata = malloc(DNS_RDATA_MAX)};
	struct file *f;
	int ret = r.rdata == NULL ? -ENOMEM : file_open(&f, &r, strdup(path));

	if (ret < 0) {
		struct base_error error;

		base_error_set_at(&error, ret, (struct base_location){path, 0}, "%s",
				  strerror(-ret));
		reader->on_report(reader->arg, BASE_LOG_ERROR, &error);
		free(r.rdata);
		return ret;
	}
	set_origin(&r, reader->origin);
	file_push(&r, f);
	while (r.file != NULL && r.failure == 0)
		read_on(&r);
	while (r.file != NULL)
		file_pop(&r);
	text_entry_fini(&r.entry);
	text_entry_fini(&r.generated);
	free(r.rdata);
	if (r.failure < 0)
		return r.failure;
	return r.nerrors > 0 ? -EBADMSG : 0;
}
