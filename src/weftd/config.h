/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/config.h - weftd's configuration: the YAML of weftd.conf(5) as plain structs.
 *
 * Loading reads the file and all it includes, checks every value, and reports all that is wrong,
 * not only the first. It opens no socket and reads no zone file. A loaded configuration never
 * changes, so any thread may read it until it is freed; loading and freeing are main's. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/error.h"
#include "base/location.h"
#include "conf/setting.h"
#include "dns/name.h"
#include "fabric/fabric.h"
#include "fabric/keyfile.h"
#include "ledger/lease.h"
#include "server/rules.h"
#include "view/view.h"

struct weftd_config_addresses {
	struct sockaddr_storage *items;
	size_t count;
};

struct weftd_config_prefixes {
	struct base_prefix *items;
	size_t count;
};

struct weftd_config_cookie_secrets {
	uint8_t (*items)[16]; /* the first signs, all are accepted */
	size_t count;	      /* 0: make one at start */
};

struct weftd_config_log {
	const char *to; /* for base_log_open() */
	uint32_t level; /* enum base_log_level */
};

struct weftd_config_server {
	struct weftd_config_addresses listen;
	uint32_t workers; /* 0: one for each CPU */
	const char *state_dir;
	const char *control;
	const char *control_group; /* NULL: the group of `user` */
	const char *user;	   /* NULL: stay who we are */
	struct server_options options;
	struct weftd_config_cookie_secrets cookie_secrets;
	struct weftd_config_log log;
};

struct weftd_config_store {
	uint64_t history_size;	  /* bytes */
	uint64_t history_age_s;	  /* 0: no limit by age */
	uint64_t segment_size;	  /* bytes */
	uint64_t checkpoint_size; /* bytes of log after which a zone's checkpoint is written */
};

/* A TSIG key, from a `key:` entry, its `key-file`, or an included key file. A fabric's key that a
 * zone names is one too, without secret and in no list. */
struct weftd_config_key {
	struct weftd_config_key *next;
	struct base_location at;
	const char *name; /* as text, for logs */
	struct fabric_keyfile_key key;
};

/* A fabric, whose keys need no entry of their own. */
struct weftd_config_fabric {
	struct weftd_config_fabric *next;
	struct base_location at;
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
	const char *name_text;	    /* with final dot */
	struct conf_text key_file;
	struct conf_text passphrase_file; /* its text is NULL if there is none */
	uint32_t overlap_s;    /* for so long keys of an epoch are good when the next has begun */
	struct fabric *fabric; /* NULL until weftd_config_unlock() */
};

struct weftd_config_keys {
	const struct weftd_config_key **items;
	size_t count;
};

struct weftd_config_zone {
	struct weftd_config_zone *next;
	struct base_location at;
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
	const char *name_text;	    /* with final dot */
	const char *file;
	struct weftd_config_keys update_keys; /* may change anything */
	struct conf_texts update_policy;      /* BIND's grammar, for update/policy.h */
	const struct weftd_config_fabric
		*update_fabric; /* whose keys have the ready policy, or NULL */
	struct ledger_lease_rule lease;
	struct view_rule services;
	struct weftd_config_keys transfer_keys;
	struct weftd_config_prefixes transfer_addresses;
	struct weftd_config_addresses notify;
};

struct weftd_config {
	const char *path; /* of the main file */
	struct weftd_config_server server;
	struct weftd_config_store store;
	struct weftd_config_key *keys; /* in the order of the files, as are the zones */
	size_t nkeys;
	struct weftd_config_fabric *fabrics;
	size_t nfabrics;
	struct weftd_config_zone *zones;
	size_t nzones;
};

/* Loads the file at `path`. Returns 0 with a whole configuration in `out`, to be freed by
 * weftd_config_free(); -EBADMSG when anything was reported as an error, or -ENOMEM, with `out`
 * NULL.
 */
int weftd_config_load(struct weftd_config **out, const char *path, base_report_fn report,
		      void *arg);

/* Reads the key files of the fabrics, for who needs their secrets; a sealed one takes its time.
 * Returns 0, or -EBADMSG after reporting what is wrong. */
int weftd_config_unlock(struct weftd_config *config, base_report_fn report, void *arg);

/* Wipes the secrets and frees everything. NULL is fine. */
void weftd_config_free(struct weftd_config *config);

/* The zone of that name, wire form, or NULL. */
const struct weftd_config_zone *weftd_config_zone_find(const struct weftd_config *config,
						       const uint8_t *name);

/* Calls `on_change` with the full name of each option that differs between the two and takes effect
 * only at a restart (`server.workers`). */
void weftd_config_needs_restart(const struct weftd_config *now, const struct weftd_config *next,
				void (*on_change)(void *arg, const char *option), void *arg);

/* Writes every option with its type, default and effect on reload, for `weftd --options`. */
void weftd_config_list(FILE *out);
