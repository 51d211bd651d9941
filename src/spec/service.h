/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/service.h - a declared service: what shall run, and how (weft-spec(5)).
 *
 * The struct has what was declared, with defaults for the rest. spec/file.h reads it from YAML,
 * spec/json.h from and to the JSON of `_spec` records; both check it, so whatever comes from there
 * makes sense. All texts and lists live in the arena that the reader was given. The unit knows no
 * zone and starts nothing. Read-only once read: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/location.h"

enum {
	SPEC_COUNT_MAX = 10000, /* instances of a service */
	SPEC_PORT_AUTO = 65536, /* a port that the agent chooses */
	SPEC_PORT_OWN = 65536,	/* check.tcp: the service's own port */
};

/* A list of words, or a command: program and arguments. */
struct spec_words {
	const char **items;
	size_t count;
};

struct spec_commands {
	struct spec_words *items;
	size_t count;
};

/* Names and values, sorted by name. */
struct spec_pair {
	const char *name, *value;
};

struct spec_pairs {
	struct spec_pair *items;
	size_t count;
};

/* What is done about an instance when something else has changed. */
enum spec_act { SPEC_ACT_NOTHING, SPEC_ACT_RESTART, SPEC_ACT_SIGNAL, SPEC_ACT_EXEC };

struct spec_action {
	enum spec_act act;
	uint32_t signal;	/* SPEC_ACT_SIGNAL */
	struct spec_words exec; /* SPEC_ACT_EXEC */
};

/* A service on which this one depends. */
struct spec_use {
	const char *name;
	const char *type; /* `_postgresql._tcp`; NULL: that of the declared service */
	struct spec_action on_change;
};

struct spec_uses {
	struct spec_use *items;
	size_t count;
};

struct spec_resource {
	const char *name;
	uint32_t is_exclusive;
};

struct spec_resources {
	struct spec_resource *items;
	size_t count;
};

struct spec_seconds {
	uint32_t *items; /* milliseconds */
	size_t count;
};

/* What is run. */
enum spec_form { SPEC_FORM_RUN, SPEC_FORM_OCF, SPEC_FORM_UNIT, SPEC_FORM_MACHINE };

struct spec_machine {
	struct spec_words start, stop, check, recycle;
};

struct spec_limits {
	uint64_t memory;    /* bytes; 0: unlimited */
	uint32_t processes; /* 0: unlimited */
	uint32_t files;	    /* open files of a process; 0: CHILD_FILES */
	uint64_t core;	    /* bytes of a core file */
};

enum spec_output_to { SPEC_OUTPUT_FILE, SPEC_OUTPUT_JOURNAL, SPEC_OUTPUT_NONE };

struct spec_output {
	uint32_t to;   /* enum spec_output_to */
	uint64_t size; /* bytes of a file before the next begins */
	uint32_t keep; /* files beside the current one */
};

struct spec_check {
	const char *http;	/* a path, or NULL */
	uint32_t tcp;		/* a port, SPEC_PORT_OWN, or 0 */
	struct spec_words exec; /* empty: none */
	uint32_t is_ocf;	/* the resource agent's monitor action */
	uint32_t interval_ms, timeout_ms, rise, fall;
};

struct spec_stop {
	uint32_t signal;
	uint32_t timeout_ms; /* then SIGKILL */
};

struct spec_restart {
	uint32_t times; /* within `within_ms`, then the instance has failed; 0: never restarted */
	uint32_t within_ms;
	struct spec_seconds backoff; /* the first wait and the longest */
};

struct spec_state {
	struct spec_words save, load;
};

enum spec_listen { SPEC_LISTEN_SERVICE, SPEC_LISTEN_AGENT };
enum spec_lost { SPEC_LOST_FRESH, SPEC_LOST_FAIL };
enum spec_fence { SPEC_FENCE_LEASE, SPEC_FENCE_NONE, SPEC_FENCE_EXEC };

struct spec_fencing {
	enum spec_fence fence;
	struct spec_words exec; /* SPEC_FENCE_EXEC */
};

struct spec_service {
	struct base_location at; /* where it begins; no file: it is from a record */
	const char *name;	 /* in lower case */
	const char *type;	 /* `_http._tcp` */
	const char *version;	 /* or NULL */
	const char *schema;	 /* or NULL */
	uint32_t count;

	struct spec_words on; /* nodes; empty: any */
	struct spec_words prefer, avoid;
	const char *name_resource; /* NULL: `name`; "none": none */

	struct spec_commands prepare;
	struct spec_words run; /* exactly one of these four: spec_service_form() */
	const char *ocf;       /* PROVIDER:AGENT */
	const char *unit;
	struct spec_machine machine;
	const char *parameters;	   /* the JSON text of an object, names sorted; NULL: none */
	struct spec_action reload; /* what a change of `parameters` does */

	const char *user;   /* NULL: the agent's */
	const char *folder; /* NULL: the instance's own */
	struct spec_pairs environment;
	struct spec_pairs secret; /* variable, and the path of the file with its value */
	struct spec_limits limits;
	struct spec_output output;

	uint32_t port;	 /* or SPEC_PORT_AUTO; 0: none */
	uint32_t listen; /* enum spec_listen */
	uint32_t ttl_s, priority, weight;
	struct spec_pairs text;

	struct spec_check check;
	struct spec_stop stop;
	struct spec_restart restart;

	struct spec_uses uses;
	struct spec_resources resources;
	struct spec_state state;
	uint32_t lost; /* enum spec_lost */
	struct spec_fencing fence;
};

/* Returns which of run, ocf, unit and machine the service has. */
enum spec_form spec_service_form(const struct spec_service *s);

/* Returns whether `on` has the node of this label, or is empty. */
bool spec_service_may_run_on(const struct spec_service *s, const char *node);

/* Returns the name of which one instance at most runs on a node, or NULL if several may. */
const char *spec_service_name_resource(const struct spec_service *s);
