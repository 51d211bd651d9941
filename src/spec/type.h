/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/type.h - the types of a declared service's options, beside those of conf/type.h, with the C
 * type of the field. Those from spec_type_command on are read by functions of spec/table.c.
 * Constant; any thread. */
#pragma once

#include <stdbool.h>

#include "conf/setting.h"

extern const struct conf_type spec_type_label;	    /* const char *, in lower case */
extern const struct conf_type spec_type_node;	    /* const char *, in lower case */
extern const struct conf_type spec_type_service;    /* const char *: `_http._tcp` */
extern const struct conf_type spec_type_ocf;	    /* const char *: PROVIDER:AGENT */
extern const struct conf_type spec_type_seconds;    /* uint32_t, milliseconds */
extern const struct conf_type spec_type_port;	    /* uint32_t: a port or SPEC_PORT_AUTO */
extern const struct conf_type spec_type_signal;	    /* uint32_t: its number */
extern const struct conf_type spec_type_command;    /* struct spec_words */
extern const struct conf_type spec_type_commands;   /* struct spec_commands */
extern const struct conf_type spec_type_pairs;	    /* struct spec_pairs */
extern const struct conf_type spec_type_parameters; /* const char *, JSON */
extern const struct conf_type spec_type_action;	    /* struct spec_action */
extern const struct conf_type spec_type_fence;	    /* struct spec_fencing */
extern const struct conf_type spec_type_uses;	    /* struct spec_uses */
extern const struct conf_type spec_type_resources;  /* struct spec_resources */

/* Returns the signal of that name (`TERM`, `SIGTERM`), or 0. */
int spec_type_signal_number(const char *name);

/* Returns the name of a signal, without SIG. */
const char *spec_type_signal_name(int number);

/* Returns whether the text is a DNS label of letters, digits and dashes in between. */
bool spec_type_is_label(const char *text);
