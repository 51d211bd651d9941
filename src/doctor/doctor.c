/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "doctor/delegation.h"
#include "doctor/show.h"
#include "doctor/visit.h"
#include "locate/list.h"
#include "locate/locate.h"
#include "resolve/conf.h"
#include "setup/known.h"

enum {
	LIMIT_S = 5,
	LIMIT_MAX_S = 600,
	LOCATE_PERCENT = 40,  /* of the time, to find the registries */
	DELEGATION_ENDS = 60, /* likewise, when they are found by NS records if there are none */
	LIBRARY_PERCENT = 20, /* likewise, for what libweft finds */
};

static const char resolv_conf[] = "/etc/resolv.conf";

/* ---- hops ---- */

static int resolvers_add(struct doctor_visit *v, const struct cli_options *o)
{
	struct locate_list list = {0};
	struct resolve_conf conf;
	struct base_error error;

	if (o->resolver != NULL && locate_list_parse(&list, o->resolver, &error) != 0) {
		cli_error("--resolver: %s", error.text);
		return CLI_USAGE;
	}
	if (o->resolver == NULL && resolve_conf_read(&conf, resolv_conf) == 0)
		for (; list.n < conf.nservers; list.n++)
			list.items[list.n].address = conf.servers[list.n];
	for (size_t i = 0; i < list.n; i++) {
		const struct resolve_endpoint e = {.address = list.items[i].address};

		if (list.items[i].host[0] != 0) {
			cli_error("--resolver: a resolver is named by its address");
			return CLI_USAGE;
		}
		doctor_hop_make(&v->resolvers[v->nresolvers++], DOCTOR_RESOLVER, &e,
				list.items[i].transport == LOCATE_TLS ? DOCTOR_TLS : DOCTOR_UDP);
	}
	return CLI_OK;
}

/* Adds the registries, but for those that are taken to be one because nothing is known: the
 * resolvers, which are hops of their own. */
static void registries_add(struct doctor_visit *v, const struct locate *l)
{
	size_t n;
	const struct locate_registry *all = locate_registries(l, &n);

	for (size_t i = 0; i < n && v->nregistries < DOCTOR_REGISTRIES_MAX; i++)
		if (!setup_known_is_resolver(&all[i]))
			doctor_hop_make(&v->registries[v->nregistries++], DOCTOR_REGISTRY,
					&all[i].endpoint,
					all[i].transport == LOCATE_TLS ? DOCTOR_TLS : DOCTOR_UDP);
}

/* Finds the registries by the zone's NS records, if nothing else names one. Returns an exit
 * status. */
static int registries_find(struct doctor_visit *v, const struct cli_options *o,
			   const struct setup_known *k, uint64_t deadline_ms)
{
	char text[DNS_NAME_TEXT_MAX], why[DOCTOR_TEXT_MAX];
	const char *missing =
		o->registry != NULL ? setup_known_missing(k, o->registry, text) : NULL;

	if (missing != NULL) {
		cli_error("--registry: no address is found for the host \"%s\"; name an address",
			  missing);
		return CLI_NO_SERVER;
	}
	doctor_delegation_find(v, deadline_ms, why);
	if (v->nregistries > 0)
		return CLI_OK;
	cli_error("no registry is known, and %s; name it with --registry ADDRESS[@PORT], "
		  "WEFT_REGISTRY or in client.conf",
		  why);
	return CLI_NO_SERVER;
}

/* Completes the name with the domain, unless it ends with that or with a dot. */
static bool name_read(uint8_t out[static DNS_NAME_MAX], const char *text, const uint8_t *domain)
{
	size_t n = strlen(text);

	if (dns_name_from_text(out, text, n, NULL) == 0)
		return false;
	if (n > 0 && text[n - 1] != '.' && domain[0] != 0 && !dns_name_is_under(out, domain))
		return dns_name_from_text(out, text, n, domain) > 0;
	return true;
}

/* ---- the command ---- */

static int show(const struct doctor_visit *v, const struct cli_options *o)
{
	bool is_fault = doctor_finding_is_fault(&v->findings, NULL);
	int status = is_fault ? CLI_FAILURE : CLI_OK;

	if (o->is_json) {
		json_t *value = doctor_show_to_json(v);
		int ret = cli_output_result(o, value);

		json_decref(value);
		return ret != CLI_OK ? ret : v->reference == NULL ? CLI_NO_SERVER : status;
	}
	if (doctor_show(v, o->is_quiet) != 0) {
		cli_error("cannot write the answer");
		return CLI_FAILURE;
	}
	return v->reference == NULL ? CLI_NO_SERVER : status;
}

/* Visits with the registries known. Returns an exit status. */
static int visit(struct doctor_visit *v, const struct cli_options *o, struct setup_known *k,
		 const char *name)
{
	uint64_t limit_ms = (uint64_t)(o->has_limit ? o->limit_s : LIMIT_S) * 1000;
	uint64_t begin_ms = base_clock_steady_us() / 1000;
	uint8_t wire[DNS_NAME_MAX], domain[DNS_NAME_MAX];
	const uint8_t *given = NULL;
	uint64_t spent_ms;
	int status;

	if (o->domain != NULL) {
		if (dns_name_from_text(domain, o->domain, strlen(o->domain), NULL) == 0) {
			cli_error("invalid --domain \"%s\"", o->domain);
			return CLI_USAGE;
		}
		given = domain;
	}
	setup_known_wait(k, limit_ms * LOCATE_PERCENT / 100);
	if (!name_read(wire, name, given != NULL ? given : locate_domain(k->locate))) {
		cli_error("invalid name \"%s\"", name);
		return CLI_USAGE;
	}
	doctor_subject_make(&v->subject, wire);
	registries_add(v, k->locate);
	status = resolvers_add(v, o);
	if (status != CLI_OK)
		return status;
	if (v->nregistries == 0) {
		status = registries_find(v, o, k, begin_ms + limit_ms * DELEGATION_ENDS / 100);
		if (status != CLI_OK)
			return status;
	}
	v->key = locate_key(k->locate);
	v->has_system = o->resolver == NULL;
	doctor_library_run(&v->library, &k->events, k->locate, &v->subject,
			   base_clock_steady_us() / 1000 + limit_ms * LIBRARY_PERCENT / 100);
	spent_ms = base_clock_steady_us() / 1000 - begin_ms;
	v->limit_ms = limit_ms > spent_ms ? limit_ms - spent_ms : 1;
	if (doctor_visit_run(v) == 0)
		return show(v, o);
	cli_error("out of memory");
	return CLI_FAILURE;
}

int doctor_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	struct doctor_visit *v = calloc(1, sizeof(*v));
	struct setup_known k;
	int status;

	(void)command;
	(void)nargs;
	if (options->has_limit && (options->limit_s < 1 || options->limit_s > LIMIT_MAX_S)) {
		cli_error("--timeout is from 1 to %d seconds", LIMIT_MAX_S);
		free(v);
		return CLI_USAGE;
	}
	if (v != NULL) {
		v->registries = calloc(DOCTOR_REGISTRIES_MAX, sizeof(*v->registries));
		v->resolvers = calloc(DOCTOR_RESOLVERS_MAX, sizeof(*v->resolvers));
	}
	if (v == NULL || v->registries == NULL || v->resolvers == NULL) {
		cli_error("out of memory");
		status = CLI_FAILURE;
	} else {
		status = setup_known_init(&k, options);
		if (status == CLI_OK) {
			status = visit(v, options, &k, args[0]);
			setup_known_fini(&k);
		}
		doctor_visit_fini(v);
	}
	if (v != NULL) {
		free(v->registries);
		free(v->resolvers);
	}
	free(v);
	return status;
}
