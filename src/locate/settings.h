/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/settings.h - what a program sets of the client's configuration. Types only. */
#pragma once

#include <stdbool.h>

/* What the caller gives; a text is NULL if it is not given. Borrowed during locate_new. */
struct locate_settings {
	const char *registry;	/* a list, instead of what is found */
	const char *domain;	/* that names are completed with */
	const char *config;	/* a client.conf(5) instead of the usual ones; "": none */
	const char *key_file;	/* of a TSIG key, or, with a name, of a fabric */
	const char *key_name;	/* of the key that is derived from the fabric's secret */
	const char *public_key; /* of the fabric that signs the servers' certificates, base64 */
	const char *tls_ca;	/* a PEM file of authorities */
	const char *tls_certificate, *tls_key; /* of the client */
	bool is_insecure;		       /* any server is trusted, whatever the rest has */
};
