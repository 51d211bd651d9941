/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/phases.h - when an instance of a zone is published on the LAN, and when it makes way.
 *
 * 1. Its records are read, and its host is found (advertise/targets.h). With a fault it is refused.
 * 2. If its name is seen on the LAN, it is looked whose it is, before a probe is sent.
 * 3. It is published, and from then on changes with the registry.
 * 4. If the name is taken, it is resolved: a bridge of the same zone, or the node itself, has it:
 *    the instance waits until that is gone. Something else has it, also what has a bridge's
 *    marker but is not what the zone has for half a minute, or it cannot be resolved twice:
 *    the instance is renamed, and goes on at 2.
 * 5. If the node itself announces it as well while it is published, by an alternative of its name
 *    (advertise/twins.h), the instance waits until that is gone.
 *
 * No name is probed for more than once a second, and the names of an instance that is renamed again
 * and again ever more slowly. When none is left they are tried anew, some minutes later. Why an
 * instance is wanted is not known here: advertise/advertise.h. The bridge's thread. */
#pragma once

#include <stdbool.h>

struct advertise_advert;
struct mdns_seen_service;

/* Reads the instance, and advertises it, or its changes, if it is wanted and has an SRV record;
 * else withdraws it. Returns 0 or -ENOMEM; then the call has to be repeated. */
int advertise_phases_read(struct advertise_advert *a, bool is_wanted);

/* Takes note of what is seen on the LAN of the advert's name there. */
void advertise_phases_on_seen(struct advertise_advert *a);

/* Takes note of what is seen of a service with an alternative of the advert's original name. */
void advertise_phases_on_twin(struct advertise_advert *a, const struct mdns_seen_service *s);
