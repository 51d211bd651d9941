/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/show.h - an instance as text and as JSON.
 *
 * What comes from the network is escaped as in cli/text.h. Pure: any thread. */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

#include <jansson.h>

struct weft_instance;

enum { SERVICE_SHOW_ADDRESS_MAX = 80 };

/* Writes an address, or the empty text if it is not one of IP. Returns `out`. */
const char *service_show_address(char out[static SERVICE_SHOW_ADDRESS_MAX],
				 const struct sockaddr *address);

/* Likewise with the port: `192.0.2.1:80`, `[2001:db8::1]:80`. */
const char *service_show_endpoint(char out[static SERVICE_SHOW_ADDRESS_MAX],
				  const struct sockaddr *address);

/* Returns the first address of the instance that this host has a route to, else the first; or NULL.
 * In a watch addresses are in an order of their own, not by whether they can be reached. */
const struct sockaddr *service_show_first(const struct weft_instance *i);

/* Returns, to be freed, what the instance is called: its first label, or of a host alone its name.
 * NULL if memory is short; so do the next ones. */
char *service_show_label(const struct weft_instance *i);

/* Returns its host without final dot. */
char *service_show_host(const struct weft_instance *i);

/* Returns its addresses, or the pairs of its TXT record but for the state, with `between`. */
char *service_show_addresses(const struct weft_instance *i, const char *between);
char *service_show_txt(const struct weft_instance *i, const char *between);

/* Returns a text as it is, or with escapes if it is not printable UTF-8. */
json_t *service_show_text(const char *text);

/* Returns all of the instance, in the fields of weft-service(1). */
json_t *service_show_json(const struct weft_instance *i);

/* Writes a table of instances, as wide as the terminal that `out` goes to. Returns 0 or -ENOMEM. */
int service_show_table(FILE *out, const struct weft_instance *const *all, size_t n);
