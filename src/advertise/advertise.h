/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/advertise.h - the live instances of a zone as services on the LAN: registry to mDNS.
 *
 * An instance is wanted if the PTR records of its type have it, a rule advertises the type, and it
 * was not discovered. It is published with its SRV, its TXT with a marker (mdns/marker.h) and its
 * subtypes; its target, if that has addresses in a zone, as a host of its own name on the LAN
 * (advertise/targets.h). If the name is taken on the LAN (RFC 6762 section 9):
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

struct advertise;
struct advertise_settings;
struct mdns_changeset;
struct mdns_rules;
struct mdns_seen_service;

/* Makes the adverts of a rule (advertise/settings.h); nothing is wanted yet. Returns NULL if
 * memory is short. */
struct advertise *advertise_new(const struct advertise_settings *settings);

/* Reads all of the zone: at first, and when changes were lost. Returns 0 or -ENOMEM. */
int advertise_read(struct advertise *a);

/* Reads what a changeset of any zone of the rules may have changed: hosts may be in another zone
 * than the instances. Returns 0, or -ENOMEM: then advertise_read has to follow. */
int advertise_change(struct advertise *a, const struct mdns_changeset *changes);

/* Has the rules be these (borrowed) from now on, of which one has the same effect as the adverts'
 * own and others may be new: advertise_read has to follow. */
void advertise_set_rules(struct advertise *a, const struct mdns_rules *rules);

/* Returns whether an instance on the LAN (wire name under `local.`) is one that we publish, or
 * probe for. */
bool advertise_has(const struct advertise *a, const uint8_t *lan_name);

/* Returns whether the zone has an instance with the name, the port and one of the addresses of a
 * service that was resolved: the registry has it already. Whenever the answer may have changed,
 * `on_registered` is called with the name on the LAN. */
bool advertise_is_registered(struct advertise *a, const struct mdns_seen_service *s);
void advertise_listen(struct advertise *a,
		      void (*on_registered)(void *arg, const uint8_t *lan_name), void *arg);

/* Withdraws all and frees the adverts. NULL is fine. */
void advertise_free(struct advertise *a);
