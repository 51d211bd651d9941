/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "assign/schemas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "assign/text.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "schema/schema.h"
#include "spec/table.h"

/* ---- what is to be looked at ---- */

static void dirty_add(struct assign_schema *s)
{
	if (s->link_dirty != NULL)
		return;
	s->next_dirty = s->all->dirty;
	s->link_dirty = &s->all->dirty;
	if (s->next_dirty != NULL)
		s->next_dirty->link_dirty = &s->next_dirty;
	s->all->dirty = s;
	s->all->on_touched(s->all->arg);
}

static void dirty_remove(struct assign_schema *s)
{
	if (s->link_dirty == NULL)
		return;
	*s->link_dirty = s->next_dirty;
	if (s->next_dirty != NULL)
		s->next_dirty->link_dirty = s->link_dirty;
	s->link_dirty = NULL;
}

static void users_touch(struct assign_schema *s)
{
	for (struct assign_schema_user *u = s->users; u != NULL; u = u->next)
		s->all->on_changed(s->all->arg, u);
}

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct assign_schema *s = arg;

	(void)record;
	s->has_current |= event == CLIENT_EVENT_CURRENT;
	if (s->has_current && event != CLIENT_EVENT_FAILED)
		dirty_add(s);
	else if (event == CLIENT_EVENT_FAILED && !s->has_current)
		users_touch(s); /* it may be refused */
}

/* ---- reading ---- */

static void error_take(void *arg, enum base_log_level level, const struct base_error *error)
{
	char *why = arg;

	if (level == BASE_LOG_ERROR && why[0] == '\0')
		assign_why_set(why, "it is not a schema: %s%s%s", error->at.file,
			       error->at.file[0] != '\0' ? ": " : "", error->text);
}

static int text_parse(struct schema **out, const struct assign_text *text,
		      char why[static ASSIGN_WHY_MAX])
{
	json_error_t problem;
	json_t *document = json_loadb(text->text, text->nchars,
				      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
	int ret;

	if (document == NULL && spec_table_is_short(&problem))
		return -ENOMEM;
	if (document == NULL) {
		assign_why_set(why, "it is not JSON: %s", problem.text);
		return -EBADMSG;
	}
	ret = schema_read(out, document, error_take, why);
	json_decref(document);
	return ret;
}

/* Reads the schema anew. Returns 0 or -ENOMEM with nothing changed. */
static int schema_update(struct assign_schema *s)
{
	struct assign_text text = {0};
	struct schema *schema = NULL;
	char why[ASSIGN_WHY_MAX] = "";
	int ret = assign_text_read(&text, s->track.subscription, "_schemas", why);

	if (ret == 0)
		ret = text_parse(&schema, &text, why);
	free(text.text);
	if (ret == -ENOMEM)
		return ret;
	schema_free(s->schema);
	s->schema = schema;
	memcpy(s->why, why, sizeof(why));
	return 0;
}

int assign_schemas_settle(struct assign_schemas *all)
{
	while (all->dirty != NULL) {
		struct assign_schema *s = all->dirty;

		if (schema_update(s) < 0)
			return -ENOMEM;
		dirty_remove(s);
		users_touch(s);
	}
	return 0;
}

bool assign_schema_is_known(const struct assign_schema *s)
{
	return s->schema != NULL || s->why[0] != '\0';
}

/* ---- schemas and users ---- */

static void schema_free_all(void *arg, struct follow_entry *e)
{
	struct assign_schema *s = (struct assign_schema *)(void *)e;

	(void)arg;
	dirty_remove(s);
	follow_track_end(s->all->tracks, &s->track);
	schema_free(s->schema);
	free(s);
}

static struct assign_schema *schema_new(struct assign_schemas *all, const uint8_t *name)
{
	static const uint16_t type = DNS_TYPE_TXT;
	struct assign_schema *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->all = all;
	dns_name_lower(s->entry.name, name);
	if (follow_track_begin(all->tracks, &s->track, name, &type, 1, on_event, s) < 0) {
		free(s);
		return NULL;
	}
	client_want_large(s->track.subscription);
	if (follow_entries_add(&all->entries, &s->entry) < 0) {
		schema_free_all(NULL, &s->entry);
		return NULL;
	}
	return s;
}

int assign_schema_use(struct assign_schemas *all, struct assign_schema_user *user, const char *name)
{
	uint8_t owner[DNS_NAME_MAX];
	struct assign_schema *s;

	if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_SCHEMA, name, all->zone) == 0)
		return -EINVAL;
	s = (struct assign_schema *)(void *)follow_entries_find(&all->entries, owner);
	if (s == NULL)
		s = schema_new(all, owner);
	if (s == NULL)
		return -ENOMEM;
	if (user->of == s)
		return 0;
	assign_schema_leave(user);
	user->of = s;
	user->next = s->users;
	user->link = &s->users;
	if (user->next != NULL)
		user->next->link = &user->next;
	s->users = user;
	return 0;
}

void assign_schema_leave(struct assign_schema_user *user)
{
	struct assign_schema *s = user->of;

	if (s == NULL)
		return;
	*user->link = user->next;
	if (user->next != NULL)
		user->next->link = user->link;
	*user = (struct assign_schema_user){0};
	if (s->users != NULL)
		return;
	follow_entries_remove(&s->all->entries, &s->entry);
	schema_free_all(NULL, &s->entry);
}

void assign_schemas_fini(struct assign_schemas *all)
{
	follow_entries_fini(&all->entries, schema_free_all, NULL);
}
