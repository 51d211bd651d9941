/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/plan.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "ocf/agent.h"
#include "outfit/folder.h"
#include "outfit/known.h"
#include "outfit/target.h"
#include "spec/expand.h"
#include "spec/json.h"
#include "supervise/system.h"

enum {
	ARENA_BYTES = 256,
	START_MS = 90000,    /* until it is up */
	PREPARE_MS = 600000, /* of each step */
	UMASK = 022,
	PATH_BYTES = 4096,
};

/* ---- texts and the copy ---- */

__attribute__((format(printf, 3, 4))) static int
text_make(const char **out, struct outfit_plan *plan, const char *format, ...)
{
	char text[PATH_BYTES];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(text))
		return -ENAMETOOLONG;
	*out = base_arena_copy(&plan->arena, text, (size_t)n + 1);
	return *out != NULL ? 0 : -ENOMEM;
}

/* Keeps the first error of a copy: there is none, as the original was read once. */
static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct base_error *first = arg;

	if (level == BASE_LOG_ERROR && first->code == 0)
		base_error_set(first, error->code != 0 ? error->code : -EBADMSG, "%s: %s",
			       error->at.file != NULL ? error->at.file : "", error->text);
}

static int service_copy(struct outfit_plan *plan, const struct spec_service *s,
			struct base_error *error)
{
	struct base_error first = {0};
	struct spec_service *copy;
	struct base_arena scratch;
	const char *text;
	int ret;

	base_arena_init(&scratch, ARENA_BYTES);
	ret = spec_json_write(&text, &scratch, s);
	if (ret == 0)
		ret = spec_json_read(&copy, &plan->arena, text, strlen(text), on_report, &first);
	base_arena_fini(&scratch);
	if (ret < 0)
		return base_error_set(error, ret, "%s",
				      first.code != 0 ? first.text : strerror(-ret));
	plan->s = copy;
	return 0;
}

static int user_find(struct outfit_plan *plan, struct base_error *error)
{
	int ret;

	if (plan->s->user == NULL)
		return 0;
	ret = child_user_find(&plan->user, plan->s->user, error);
	if (ret < 0)
		return ret;
	if (geteuid() != 0 && plan->user.uid != geteuid())
		return base_error_set(error, -EPERM,
				      "user %s: only an agent that runs as root can change users",
				      plan->s->user);
	/* Without root it is that user already, and groups cannot be set. */
	plan->has_user = geteuid() == 0;
	return 0;
}

/* ---- settings ---- */

static struct supervise_output_settings output_make(struct outfit_plan *plan)
{
	const struct spec_output *output = &plan->s->output;
	struct supervise_output_settings out = {.size = output->size, .count = output->keep};

	if (output->to != SPEC_OUTPUT_NONE)
		text_make(&out.path, plan, "%s/%s.log", plan->node->log_folder, plan->name);
	return out;
}

static struct supervise_machine_action action_make(struct outfit_plan *plan,
						   enum outfit_command command, uint32_t timeout_ms)
{
	const struct spec_words *const words[OUTFIT_NCOMMANDS] = {
		[OUTFIT_COMMAND_START] = &plan->s->machine.start,
		[OUTFIT_COMMAND_STOP] = &plan->s->machine.stop,
		[OUTFIT_COMMAND_LOOK] = &plan->s->machine.check,
		[OUTFIT_COMMAND_RECYCLE] = &plan->s->machine.recycle,
	};

	return (struct supervise_machine_action){
		.command = words[command]->count > 0 ? &plan->commands[command] : NULL,
		.timeout_ms = timeout_ms,
	};
}

/* `machine.check` has only one good status. */
static enum supervise_machine_found machine_judge(struct child_exit exit)
{
	return exit.how == CHILD_EXIT_STATUS && exit.value == 0 ? SUPERVISE_MACHINE_RUNS
								: SUPERVISE_MACHINE_STOPPED;
}

static enum supervise_verdict strict_judge(struct child_exit exit)
{
	return machine_judge(exit) == SUPERVISE_MACHINE_RUNS ? SUPERVISE_PASSED : SUPERVISE_FAILED;
}

static void machine_make(struct outfit_plan *plan)
{
	const struct spec_service *s = plan->s;

	plan->machine = (struct supervise_machine_settings){
		.start = action_make(plan, OUTFIT_COMMAND_START, START_MS),
		.stop = action_make(plan, OUTFIT_COMMAND_STOP, s->stop.timeout_ms),
		.check = action_make(plan, OUTFIT_COMMAND_LOOK, s->check.timeout_ms),
		.recycle = action_make(plan, OUTFIT_COMMAND_RECYCLE, START_MS),
		.judge = machine_judge,
	};
}

static void limits_make(struct outfit_plan *plan)
{
	const struct spec_limits *limits = &plan->s->limits;
	struct child_command *run = &plan->commands[OUTFIT_COMMAND_RUN];

	plan->limits[0] = (struct child_limit){RLIMIT_CORE, {limits->core, limits->core}};
	plan->limits[1] = (struct child_limit){RLIMIT_NOFILE, {limits->files, limits->files}};
	run->limits = plan->limits;
	run->nlimits = limits->files != 0 ? 2 : 1;
}

static void service_make(struct outfit_plan *plan)
{
	const struct spec_service *s = plan->s;

	limits_make(plan);
	plan->service = (struct supervise_service_settings){
		.command = &plan->commands[OUTFIT_COMMAND_RUN],
		.sockets = &plan->socket,
		.nsockets = s->listen == SPEC_LISTEN_AGENT,
		.stop = {(int)s->stop.signal, s->stop.timeout_ms},
		.output = output_make(plan),
		.is_to_journal = s->output.to == SPEC_OUTPUT_JOURNAL,
		.limits = {s->limits.memory, s->limits.processes},
	};
	plan->socket = (struct supervise_socket_settings){
		.name = s->name,
		.type = strstr(s->type, "._udp") != NULL ? SOCK_DGRAM : SOCK_STREAM,
		.is_dual = true,
	};
}

/* A check of the declaration, if it has one. */
static bool check_make(struct outfit_plan *plan)
{
	const struct spec_check *check = &plan->s->check;
	bool is_probe = check->http != NULL || check->tcp != 0;

	plan->check = (struct supervise_check_settings){
		.probe = plan->check.probe,
		.kind = is_probe ? SUPERVISE_CHECK_PROBE : SUPERVISE_CHECK_EXEC,
		.command = is_probe ? NULL : &plan->commands[OUTFIT_COMMAND_CHECK],
		.interval_ms = check->interval_ms,
		.timeout_ms = check->timeout_ms,
		.rise = check->rise,
		.fall = check->fall,
	};
	return is_probe || check->exec.count > 0;
}

/* What looks before a start also looks afterwards, if nothing else is declared. */
static bool look_make(struct outfit_plan *plan)
{
	plan->check.command = plan->machine.check.command;
	plan->check.judge = strict_judge;
	return plan->check.command != NULL;
}

static void unit_make(struct outfit_plan *plan)
{
	const struct spec_restart *restart = &plan->s->restart;
	const struct spec_seconds *backoff = &restart->backoff;
	bool has_check = check_make(plan);

	if (!has_check && (plan->form == SPEC_FORM_MACHINE || plan->form == SPEC_FORM_UNIT))
		has_check = look_make(plan);
	plan->unit = (struct supervise_unit_settings){
		.name = plan->name,
		.prepare = plan->prepare,
		.nprepare = plan->s->prepare.count,
		.prepare_timeout_ms = PREPARE_MS,
		.version = plan->version,
		.check = has_check ? &plan->check : NULL,
		.start_timeout_ms = START_MS,
		.restart =
			{
				.times = restart->times,
				.within_ms = restart->within_ms,
				.backoff_min_ms = backoff->count > 0 ? backoff->items[0] : 0,
				.backoff_max_ms =
					backoff->count > 0 ? backoff->items[backoff->count - 1] : 0,
			},
	};
	/* The actions have timeouts of their own, each. */
	if (plan->form != SPEC_FORM_RUN)
		plan->unit.start_timeout_ms += plan->machine.start.timeout_ms +
					       plan->machine.stop.timeout_ms +
					       plan->machine.check.timeout_ms;
}

/* Sets what machines, units and resource agents have alike. */
static void machine_complete(struct outfit_plan *plan)
{
	plan->machine.name = plan->name;
	plan->machine.cut_ms = plan->s->stop.timeout_ms;
	if (plan->form != SPEC_FORM_RUN)
		plan->machine.output = output_make(plan);
}

static int settings_make(struct outfit_plan *plan, struct base_error *error)
{
	int ret = 0;

	switch (plan->form) {
	case SPEC_FORM_RUN:
		service_make(plan);
		plan->service.name = plan->name;
		break;
	case SPEC_FORM_MACHINE:
		machine_make(plan);
		break;
	case SPEC_FORM_UNIT:
		ret = supervise_system_new(&plan->system, plan->s->unit, START_MS, error);
		if (ret == 0)
			plan->machine = *supervise_system_settings(plan->system);
		break;
	default:
		break; /* when the agent is loaded */
	}
	machine_complete(plan);
	unit_make(plan);
	return ret;
}

void outfit_plan_take_agent(struct outfit_plan *plan)
{
	const struct spec_check *declared = &plan->s->check;
	struct supervise_check_settings check = *ocf_agent_check(plan->agent);

	plan->machine = *ocf_agent_machine(plan->agent);
	machine_complete(plan);
	unit_make(plan);
	if (plan->unit.check != NULL)
		return;
	/* The agent knows how often it is to be asked, and how long that may take. */
	if (declared->is_ocf) {
		check.interval_ms = declared->interval_ms;
		if (check.timeout_ms < declared->timeout_ms)
			check.timeout_ms = declared->timeout_ms;
		check.rise = declared->rise;
		check.fall = declared->fall;
	}
	plan->check = check;
	plan->unit.check = &plan->check;
}

/* ---- the plan ---- */

static int names_make(struct outfit_plan *plan, const char *label)
{
	const struct outfit_node *node = plan->node;
	int ret = text_make(&plan->name, plan, "%s.%s", label, plan->s->type);

	if (ret == 0)
		ret = text_make(&plan->folder, plan, "%s/%s", node->folder, plan->name);
	if (ret == 0)
		ret = text_make(&plan->parameters_file, plan, "%s/%s.json", node->folder,
				plan->name);
	if (ret == 0)
		ret = spec_version_ver(plan->version, plan->s);
	if (ret < 0)
		return ret;
	plan->prepare = base_arena_alloc(&plan->arena,
					 (plan->s->prepare.count + 1) * sizeof(*plan->prepare));
	if (plan->prepare == NULL)
		return -ENOMEM;
	memset(plan->prepare, 0, (plan->s->prepare.count + 1) * sizeof(*plan->prepare));
	return 0;
}

/* Sets what commands have beside words and environment. */
static int commands_make(struct outfit_plan *plan)
{
	const struct child_command common = {
		.folder = plan->folder,
		.user = plan->has_user ? &plan->user : NULL,
		.umask = UMASK,
	};
	const char *folder = plan->folder;
	int ret = 0;

	if (plan->s->folder != NULL)
		ret = plan->s->folder[0] == '/'
			      ? text_make(&folder, plan, "%s", plan->s->folder)
			      : text_make(&folder, plan, "%s/%s", plan->folder, plan->s->folder);
	for (int i = 0; i < OUTFIT_NCOMMANDS; i++) {
		plan->commands[i] = common;
		plan->commands[i].folder = folder;
	}
	for (size_t i = 0; i < plan->s->prepare.count; i++)
		plan->prepare[i] = common;
	return ret;
}

int outfit_plan_new(struct outfit_plan **out, const struct outfit_node *node, const char *label,
		    const struct spec_service *s, struct base_error *error)
{
	struct outfit_plan *plan = calloc(1, sizeof(*plan));
	int ret;

	if (plan == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	plan->node = node;
	base_arena_init(&plan->arena, ARENA_BYTES);
	ret = service_copy(plan, s, error);
	if (ret == 0) {
		plan->form = spec_service_form(plan->s);
		ret = names_make(plan, label);
		if (ret < 0)
			base_error_set(error, ret, "%s: %s", label, strerror(-ret));
	}
	if (ret == 0)
		ret = user_find(plan, error);
	if (ret == 0 && commands_make(plan) < 0)
		ret = base_error_set(error, -ENOMEM, "out of memory");
	if (ret == 0)
		ret = settings_make(plan, error);
	if (ret < 0)
		outfit_plan_free(plan);
	else
		*out = plan;
	return ret;
}

void outfit_plan_port(struct outfit_plan *plan, uint32_t port, const struct outfit_facts *facts)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	uint32_t tcp = plan->s->check.tcp;

	plan->port = port;
	memset(&plan->socket.address, 0, sizeof(plan->socket.address));
	memcpy(&plan->socket.address, &any, sizeof(any));
	outfit_target_find(&plan->check.probe.address, facts->addresses, facts->naddresses,
			   tcp != 0 && tcp != SPEC_PORT_OWN ? tcp : port);
}

int outfit_plan_furnish(const struct outfit_plan *plan, struct base_error *error)
{
	const struct child_user *user = plan->has_user ? &plan->user : NULL;
	int ret = outfit_folder_make_parents(plan->node->folder, 0711, error);

	if (ret == 0)
		ret = outfit_folder_make_parents(plan->node->log_folder, 0750, error);
	if (ret == 0)
		ret = outfit_folder_make(plan->folder, user, error);
	if (ret == 0)
		ret = outfit_folder_write(plan->parameters_file,
					  plan->s->parameters != NULL ? plan->s->parameters : "{}",
					  user, error);
	return ret;
}

/* ---- environment and words ---- */

/* Makes the words of a command in the arena of the environment. */
static int words_make(const char *const **out, struct base_arena *arena,
		      const struct spec_words *words, const struct spec_pairs *variables)
{
	struct spec_words expanded;
	int ret = spec_expand_command(&expanded, arena, words, variables);

	if (ret == 0)
		*out = (const char *const *)expanded.items;
	return ret;
}

/* Makes the words of all commands, the steps of the preparation last. Returns 0 or -ENOMEM. */
static int all_words_make(const struct outfit_plan *plan, struct outfit_environment *e,
			  const char *const **argv)
{
	const struct spec_service *s = plan->s;
	const struct spec_words *const words[OUTFIT_NCOMMANDS] = {
		[OUTFIT_COMMAND_RUN] = &s->run,
		[OUTFIT_COMMAND_CHECK] = &s->check.exec,
		[OUTFIT_COMMAND_START] = &s->machine.start,
		[OUTFIT_COMMAND_STOP] = &s->machine.stop,
		[OUTFIT_COMMAND_LOOK] = &s->machine.check,
		[OUTFIT_COMMAND_RECYCLE] = &s->machine.recycle,
	};
	int ret = 0;

	for (size_t i = 0; i < OUTFIT_NCOMMANDS && ret == 0; i++)
		ret = words_make(&argv[i], &e->arena, words[i], &e->variables);
	for (size_t i = 0; i < s->prepare.count && ret == 0; i++)
		ret = words_make(&argv[OUTFIT_NCOMMANDS + i], &e->arena, &s->prepare.items[i],
				 &e->variables);
	return ret;
}

/* Makes what depends on the environment `e`, in that. Returns 0 or -ENOMEM. */
static int dependent_make(const struct outfit_plan *plan, struct outfit_environment *e,
			  const char *const ***argv, const char **path)
{
	size_t count = OUTFIT_NCOMMANDS + plan->s->prepare.count;

	*path = NULL;
	*argv = base_arena_alloc(&e->arena, count * sizeof(**argv));
	if (*argv == NULL || all_words_make(plan, e, *argv) < 0)
		return -ENOMEM;
	if (plan->s->check.http == NULL)
		return 0;
	return spec_expand_text(path, &e->arena, plan->s->check.http, &e->variables);
}

/* Runs the actions of a resource agent with the environment. It has its parameters already. */
static int agent_refresh(struct outfit_plan *plan, struct outfit_environment *e)
{
	const char **kept;
	size_t n = 0;

	if (plan->agent == NULL)
		return 0;
	kept = base_arena_alloc(&e->arena, (e->variables.count + 1) * sizeof(*kept));
	if (kept == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < e->variables.count; i++)
		if (strncmp(e->strings[i], "OCF_", 4) != 0)
			kept[n++] = e->strings[i];
	kept[n] = NULL;
	return ocf_agent_refresh(plan->agent, kept);
}

int outfit_plan_environment(struct outfit_environment *out, const struct outfit_plan *plan,
			    const struct outfit_facts *facts, bool is_lenient,
			    struct base_error *error)
{
	const struct outfit_environment_settings settings = {
		.node = plan->node,
		.s = plan->s,
		.parameters_file = plan->parameters_file,
		.port = plan->port,
		.is_lenient = is_lenient,
	};

	return outfit_environment_make(out, &settings, facts, error);
}

int outfit_plan_refresh(struct outfit_plan *plan, const struct outfit_facts *facts, bool is_lenient,
			struct base_error *error)
{
	struct outfit_environment e;
	const char *const **argv;
	const char *path;
	int ret = outfit_plan_environment(&e, plan, facts, is_lenient, error);

	if (ret < 0)
		return ret;
	ret = dependent_make(plan, &e, &argv, &path);
	if (ret == 0)
		ret = agent_refresh(plan, &e);
	if (ret < 0) {
		outfit_environment_fini(&e);
		return base_error_set(error, ret, "out of memory");
	}
	for (size_t i = 0; i < OUTFIT_NCOMMANDS; i++) {
		plan->commands[i].argv = argv[i];
		plan->commands[i].environment = e.strings;
	}
	for (size_t i = 0; i < plan->s->prepare.count; i++) {
		plan->prepare[i].argv = argv[OUTFIT_NCOMMANDS + i];
		plan->prepare[i].environment = e.strings;
	}
	plan->check.probe.path = path;
	outfit_environment_fini(&plan->environment);
	plan->environment = e;
	return 0;
}

int outfit_plan_command(struct child_command *out, const struct outfit_plan *plan,
			struct outfit_environment *environment, const struct spec_words *words)
{
	*out = plan->commands[OUTFIT_COMMAND_RUN];
	out->environment = environment->strings;
	return words_make(&out->argv, &environment->arena, words, &environment->variables);
}

void outfit_plan_free(struct outfit_plan *plan)
{
	if (plan == NULL)
		return;
	ocf_agent_free(plan->agent);
	supervise_system_free(plan->system);
	outfit_environment_fini(&plan->environment);
	base_arena_fini(&plan->arena);
	free(plan);
}
