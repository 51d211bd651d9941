/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/subscribe.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "client/client.h"
#include "dns/type.h"
#include "text/record.h"
#include "tool/follow.h"

struct subscribe {
	struct tool_follow follow;
	struct client_subscription *subscription;
	bool is_current;
	char *text; /* room for any record */
};

static json_t *record_to_json(struct subscribe *s, const struct dns_record *record)
{
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	struct base_out o = base_out_over(s->text, TEXT_RECORD_MAX);

	dns_name_to_text(name, record->owner);
	text_rdata_write(&o, record->type, record->rdata, record->nbytes);
	return json_pack("{s:s, s:I, s:s, s:s, s:s%}", "name", name, "ttl", (json_int_t)record->ttl,
			 "class", "IN", "type", dns_type_to_text(type, record->type), "rdata",
			 s->text, base_out_nbytes(&o));
}

/* Writes the line of the record with NUL instead of its newline. */
static void record_write(struct subscribe *s, const struct dns_record *record)
{
	struct base_out o = base_out_over(s->text, TEXT_RECORD_MAX);
	size_t nchars;

	text_record_write(&o, record);
	nchars = base_out_nbytes(&o);
	s->text[nchars > 0 ? nchars - 1 : 0] = '\0';
}

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	static const enum tool_follow_event signs[] = {
		[CLIENT_EVENT_ADDED] = TOOL_FOLLOW_ADD,
		[CLIENT_EVENT_REMOVED] = TOOL_FOLLOW_REMOVE,
		[CLIENT_EVENT_CHANGED] = TOOL_FOLLOW_CHANGE,
	};
	struct subscribe *s = arg;
	json_t *object = NULL;

	if (event == CLIENT_EVENT_CURRENT || event == CLIENT_EVENT_FAILED) {
		s->is_current |= event == CLIENT_EVENT_CURRENT;
		return;
	}
	if (s->follow.options->is_json)
		object = record_to_json(s, record);
	else
		record_write(s, record);
	tool_follow_show(&s->follow, signs[event], false, s->text, object);
}

static bool is_current(void *arg)
{
	const struct subscribe *s = arg;

	return s->is_current;
}

/* Makes the subscription of the arguments. Returns an exit status, after a message if it fails. */
static int subscribe_begin(struct subscribe *s, char **args)
{
	uint8_t name[DNS_NAME_MAX];
	uint16_t type;
	int status;

	status = tool_follow_name(&s->follow, name, args[0]);
	if (status != CLI_OK)
		return status;
	if (strcasecmp(args[1], "ANY") == 0) {
		type = DNS_TYPE_ANY;
	} else if (!dns_type_from_text(&type, args[1], strlen(args[1])) || dns_type_is_meta(type)) {
		cli_error("invalid type \"%s\": expected the type of records, such as SRV, or ANY",
			  args[1]);
		return CLI_USAGE;
	}
	s->text = malloc(TEXT_RECORD_MAX);
	if (s->text != NULL && client_subscribe(s->follow.server.client, name, &type, 1, on_event,
						s, &s->subscription) == 0)
		return CLI_OK;
	cli_error("out of memory");
	return CLI_FAILURE;
}

int tool_subscribe(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args)
{
	struct subscribe s = {.text = NULL};
	int status;

	(void)command;
	(void)nargs;
	status = tool_follow_begin(&s.follow, options);
	if (status != CLI_OK)
		return status;
	status = subscribe_begin(&s, args);
	if (status == CLI_OK)
		status = tool_follow_run(&s.follow, is_current, &s);
	tool_follow_end(&s.follow);
	free(s.text);
	return status;
}
