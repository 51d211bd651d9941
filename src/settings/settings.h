/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* settings/settings.h - weftd's configuration: the YAML of weftd.conf(5) as plain structs.
 *
 * Loading reads the file and all that it includes, checks every value, and reports all errors, not
 * only the first. It opens no socket and reads no zone file. A loaded configuration does not
 * change, so any thread may read it until it is freed; the main thread loads and frees it. All
 * texts and lists in it are its own. Names are in wire form and in lower case unless they are
 * called text. */

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
#include "update/policy.h"
#include "update/types.h"
#include "view/view.h"
#include "zone/limits.h"

struct settings_addresses {
	struct sockaddr_storage *items;
	size_t count;
};

struct settings_prefixes {
	struct base_prefix *items;
	size_t count;
};

/* Secrets of DNS cookies (RFC 9018). */
struct settings_cookie_secrets {
	uint8_t (*items)[16]; /* the first makes cookies, all of them verify */
	size_t count;	      /* 0: weftd makes a random one */
};

struct settings_folders {
	const char **items;
	size_t count;
};

/* The mapping `server.tls:`. */
struct settings_tls {
	struct conf_text certificate; /* its text is NULL: one is made from each fabric's key */
	struct conf_text key;	      /* NULL: in the file of the certificate */
	uint32_t has_tls12;
	uint32_t clients;	    /* enum fabric_tls_clients */
	struct conf_text client_ca; /* NULL: the fabrics */
	struct server_tls_options limits;
	struct fabric_cert *cert, *authorities; /* of the files; NULL until settings_unlock() */
};

struct settings_log {
	const char *to; /* for base_log_open() */
	uint32_t level; /* enum base_log_level */
};

/* Where options of the server were given; line 0: they were not. */
struct settings_server_at {
	struct base_location listen, listen_tls, state_dir, control, control_group, user, log_to;
};

/* The mapping `server:`. */
struct settings_server {
	struct settings_addresses listen;
	struct settings_addresses listen_tls; /* none: TLS is not spoken */
	struct settings_tls tls;
	uint32_t workers;	       /* threads; 0: one for each CPU */
	const char *state_dir;	       /* folder of the store */
	const char *control;	       /* path of the control socket */
	const char *control_group;     /* of the control socket; NULL: the group of `user` */
	const char *user;	       /* to run as; NULL: the user who started weftd */
	struct server_options options; /* handed to the workers */
	struct settings_cookie_secrets cookie_secrets;
	struct settings_addresses metrics; /* to serve metrics on; none: they are not served */
	struct settings_folders read_from; /* that may be read, beside those of the files */
	struct settings_log log;
	struct settings_server_at at;
};

/* The mapping `store:`. */
struct settings_store {
	uint64_t history_size;	/* log kept for IXFR in addition to what a start needs, in bytes */
	uint64_t history_age_s; /* age of the log kept for IXFR; 0: no limit by age */
	uint64_t segment_size;	/* of a file of the log, in bytes */
	uint64_t checkpoint_size; /* bytes of log after which checkpoints are written */
};

/* A TSIG key: of a `key:` entry, its `key-file`, or an included key file. A zone may also name a
 * fabric key without an entry: then the zone's list has a key without secret, which is not in the
 * list of all keys. */
struct settings_key {
	struct settings_key *next;
	struct base_location at; /* of its entry */
	const char *name;	 /* as text, for messages */
	struct fabric_keyfile_key key;
};

/* A `fabric:` entry. Keys of the fabric need no entry of their own. */
struct settings_fabric {
	struct settings_fabric *next;
	struct base_location at;
	uint8_t name[DNS_NAME_MAX];
	const char *name_text; /* with final dot */
	struct conf_text key_file;
	struct conf_text passphrase_file; /* its text is NULL: the file is not sealed */
	uint32_t overlap_s;    /* how long keys of an epoch stay valid after the next has begun */
	struct fabric *fabric; /* NULL until settings_unlock() */
};

struct settings_keys {
	const struct settings_key **items;
	size_t count;
};

/* Which keys may register which service types. */
struct settings_types {
	struct update_type_rule *items;
	size_t count;
};

/* A `zone:` entry. At most one of update_keys, update_policy and update_fabric is given; without
 * any, the zone takes no updates. */
struct settings_zone {
	struct settings_zone *next;
	struct base_location at;
	uint8_t name[DNS_NAME_MAX];
	const char *name_text;			     /* with final dot */
	const char *file;			     /* path of the zone file */
	struct base_location file_at;		     /* where it is given */
	struct settings_keys update_keys;	     /* each may change anything */
	struct conf_texts update_policy;	     /* rules for update/policy.h */
	const struct settings_fabric *update_fabric; /* whose keys have the built-in policy */
	struct settings_types types;		     /* beside it */
	struct update_quota quota;		     /* of each key */
	struct ledger_lease_rule lease;
	struct view_rule services;
	struct zone_limits limits;
	struct settings_keys subscribe_keys;	      /* each may subscribe to its changes */
	struct settings_prefixes subscribe_addresses; /* clients that may */
	struct settings_keys transfer_keys;	      /* each may transfer the zone */
	struct settings_prefixes transfer_addresses;  /* clients that may transfer the zone */
	bool is_transfer_either; /* the keys are the default: one of the two conditions is enough */
	struct settings_addresses notify;	      /* secondaries; NOTIFY is not sent yet */
};

/* Interfaces by their names; none: all. */
struct settings_interfaces {
	const char **items;
	size_t count;
};

/* Service types: wire names that end at the root, in lower case: `_http._tcp.`, or with a subtype
 * `_printer._sub._ipp._tcp.`. */
struct settings_service_types {
	uint8_t (*items)[DNS_NAME_MAX];
	size_t count;
	bool has_all; /* `*` is among them */
};

/* An `mdns:` entry: how a zone is bridged to the LAN. */
struct settings_mdns {
	struct settings_mdns *next;
	struct base_location at;
	const struct settings_zone *zone; /* whose instances are advertised */
	struct settings_interfaces interfaces;
	struct settings_service_types advertise, discover;
	struct settings_service_types exclude; /* of both */
	const struct settings_zone *into_zone; /* NULL: nothing is discovered */
	uint8_t into[DNS_NAME_MAX];	       /* at or below the zone's name */
	const char *host_suffix;
	uint32_t is_announced; /* the registry itself */
	uint32_t discover_max; /* service instances */
};

/* A file of the configuration, or the pattern of an include. */
struct settings_path {
	struct settings_path *next;
	const char *path;
};

struct settings {
	const char *path;	     /* of the main file */
	struct settings_path *paths; /* of all files that were read, key files included */
	struct settings_server server;
	struct settings_store store;

	/* the entries, in the order in which they were read */
	struct settings_key *keys;
	size_t nkeys;
	struct settings_fabric *fabrics;
	size_t nfabrics;
	struct settings_zone *zones;
	size_t nzones;
	struct settings_mdns *mdns;
	size_t nmdns;
};

/* Loads the file at `path` and all that it includes; calls `report` with each error and warning.
 * Returns 0 with a configuration in `out`, which the caller frees with settings_free(). Returns
 * -EBADMSG if an error was reported, or -ENOMEM, with `out` NULL. */
int settings_load(struct settings **out, const char *path, base_report_fn report, void *arg);

/* Reads the key files of the fabrics, and the certificates, for programs that need their secrets. A
 * sealed file takes up to a second: its passphrase is hashed. Returns 0, or -EBADMSG after calling
 * `report` with each error. */
int settings_unlock(struct settings *config, base_report_fn report, void *arg);

/* Wipes the secrets and frees everything. NULL is fine. */
void settings_free(struct settings *config);

/* Returns the zone of that name, or NULL. Logarithmic time. */
const struct settings_zone *settings_zone_find(const struct settings *config, const uint8_t *name);

/* What differs between two configurations. */
enum settings_change {
	SETTINGS_OPTION,	 /* the full name of an option: `server.identity` */
	SETTINGS_OPTION_RESTART, /* of one whose change takes effect at a restart */
	SETTINGS_ZONE_ADDED,	 /* a name */
	SETTINGS_ZONE_REMOVED,
	SETTINGS_ZONE_OPTION, /* `lab.cloud. lease.default` */
	SETTINGS_KEY_ADDED,   /* a name; likewise of all that follow */
	SETTINGS_KEY_REMOVED,
	SETTINGS_KEY_CHANGED,
	SETTINGS_FABRIC_ADDED,
	SETTINGS_FABRIC_REMOVED,
	SETTINGS_FABRIC_CHANGED, /* has another epoch, or another overlap */
	SETTINGS_CHANGES	 /* how many kinds there are */
};

/* Is called with each difference; `what` is valid during the call. */
typedef void (*settings_change_fn)(void *arg, enum settings_change change, const char *what);

/* Calls `on_change` with each difference between the configuration `now` and the one that comes
 * after it, both unlocked or both not. The mapping zone.update.types is not compared. */
void settings_compare(const struct settings *now, const struct settings *next,
		      settings_change_fn on_change, void *arg);

/* Writes a line for each option, with its type, default and effect on reload. */
void settings_list(FILE *out);
