/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/right.h - questions that the rights of a fabric's keys rest on: whose a name is, which
 * node a key is of, which node coordinates, what is assigned to which node.
 *
 * It reads the draft and the ledger, and does not know which right needs which answer: that is
 * update/fabric_policy.h and update/agent_policy.h. Only the registrar thread may call these
 * functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/update.h"

struct base_budget;
struct ledger;
struct update_types;
struct zone_draft;

enum { UPDATE_FABRIC_POLICY_TEXT_MAX = 200 };

/* The update to be judged; everything is borrowed. */
struct update_fabric_policy {
	const uint8_t *fabric;		  /* the fabric's wire name */
	const uint8_t *key;		  /* wire name of the key that signed, below keys.FABRIC */
	const uint8_t *zone;		  /* the zone's wire name */
	const struct update_types *types; /* which types are open to which keys; or NULL */
	const struct ledger *ledger;
	struct zone_draft *draft;
	const struct dns_update *message; /* the update */
	bool is_leased;			  /* what it adds gets a lease */
	/* Returns whether the update itself registers an instance. */
	bool (*is_registered)(void *arg, const uint8_t *instance);
	void *arg;
	struct base_budget *budget; /* a check that spends all of it is void */
	bool *is_leaders;	    /* set if the update is permitted to the leader's key only */
};

/* Writes `why` to `text`. Returns REFUSED, so that a check can end with it. */
uint16_t update_right_refuse(char text[static UPDATE_FABRIC_POLICY_TEXT_MAX], const char *why);

/* Returns whether RRset number `i` is at the record's owner, and takes the look for it. */
bool update_right_has_rrset(const struct update_fabric_policy *a, const struct dns_update_record *r,
			    unsigned i);

/* Returns whether a record is of `type`, or deletes a name that has no other. */
bool update_right_is_only(const struct update_fabric_policy *a, const struct dns_update_record *r,
			  uint16_t type);

/* Returns whether a node's name is the key's: the labels before `nodes` are those before `keys`. */
bool update_right_is_own_node(const struct update_fabric_policy *a, const uint8_t *node);

/* Returns whether the `node=` of a TXT is the key's node. */
bool update_right_is_of_node(const struct update_fabric_policy *a, const uint8_t *rdata,
			     size_t nbytes);

/* Returns whether the key is the leader's: each TXT at `_leader._cluster` has its node. */
bool update_right_is_leader(const struct update_fabric_policy *a);

/* Permits what concerns a name that is the key's or nobody's. Returns NOERROR, or YXDOMAIN with
 * `what` and the owner in `text`. */
uint16_t update_right_check_owner(const struct update_fabric_policy *a, const uint8_t *name,
				  const char *what,
				  char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);

/* Like update_right_check_owner, for an instance: permits also what the update takes over, because
 * the instance is assigned to the key's node and is registered with a higher `inc=`. */
uint16_t update_right_check_instance(const struct update_fabric_policy *a, const uint8_t *instance,
				     const char *what,
				     char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);

/* Permits the registration of an instance that is free, if it is assigned nowhere or to the key's
 * node. Returns NOERROR, or YXDOMAIN with the reason in `text`. */
uint16_t update_right_check_free(const struct update_fabric_policy *a, const uint8_t *instance,
				 char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);
