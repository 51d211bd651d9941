/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/adverts.h - the live instances of a zone as services on the LAN: registry to mDNS.
 *
 * An instance is wanted if the PTR records of its type have it, a rule advertises the type, and it
 * was not discovered. It is published with its SRV, its TXT with a marker (bridge/marker.h) and its
 * subtypes; its target, if that has addresses in a zone, as a host of its own name on the LAN
 * (bridge/targets.h). If the name is taken on the LAN (RFC 6762 section 9):
 *
 * 1. by another bridge of the same zone, or by the node itself (same port, and one of the same
 *    addresses): the instance is not published until that one is gone; nor while the node has it by
 *    an alternative of the name, as it gets one if a bridge was first;
 * 2. by anything else: it is renamed for the LAN, and the new name is remembered.
 *
 * What is read of the zone is copied: the thread is online for RCU only while it reads, never in a
 * call of Avahi's. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bridge_adverts;
struct bridge_adverts_settings;
struct bridge_changeset;
struct bridge_rules;
struct bridge_seen_service;

/* Makes the adverts of a rule (bridge/adverts_settings.h); nothing is wanted yet. Returns NULL if
 * memory is short. */
struct bridge_adverts *bridge_adverts_new(const struct bridge_adverts_settings *settings);

/* Reads all of the zone: at first, and when changes were lost. Returns 0 or -ENOMEM. */
int bridge_adverts_read(struct bridge_adverts *a);

/* Reads what a changeset of any zone of the rules may have changed: hosts may be in another zone
 * than the instances. Returns 0, or -ENOMEM: then bridge_adverts_read has to follow. */
int bridge_adverts_change(struct bridge_adverts *a, const struct bridge_changeset *changes);

/* Has the rules be these (borrowed) from now on, of which one has the same effect as the adverts'
 * own and others may be new: bridge_adverts_read has to follow. */
void bridge_adverts_set_rules(struct bridge_adverts *a, const struct bridge_rules *rules);

/* Returns whether an instance on the LAN (wire name under `local.`) is one that we publish, or
 * probe for. */
bool bridge_adverts_has(const struct bridge_adverts *a, const uint8_t *lan_name);

/* Returns whether the zone has an instance with the name, the port and one of the addresses of a
 * service that was resolved: the registry has it already. Whenever the answer may have changed,
 * `on_registered` is called with the name on the LAN. */
bool bridge_adverts_is_registered(struct bridge_adverts *a, const struct bridge_seen_service *s);
void bridge_adverts_listen(struct bridge_adverts *a,
			   void (*on_registered)(void *arg, const uint8_t *lan_name), void *arg);

/* Withdraws all and frees the adverts. NULL is fine. */
void bridge_adverts_free(struct bridge_adverts *a);
