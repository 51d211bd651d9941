/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fake.h - a client and a follower that replace client/client.h and follow/follow.h in a program:
 * what is subscribed to is what a zone of the test has, as soon as it is delivered. List fake.c and
 * memory.c among the program's sources. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Empties the zone, which is reachable and refuses nothing, and forgets all. */
void fake_reset(void);

/* Adds a record to the zone: a PTR to a name, or a TXT with this text. */
void fake_add(const char *owner, uint16_t type, const char *value);

/* Removes all records at the owner. */
void fake_remove(const char *owner);

/* Whether servers answer; and the owner about which they refuse to, or NULL. */
void fake_reach(bool is_reachable);
void fake_refuse(const char *owner);

/* Reports what differs to all subscriptions, and has the user of the follower settle. */
void fake_deliver(void);

/* Delivers as long as the user wants to be called, with time passing: at most some seconds. */
void fake_settle(void);

/* Returns how many subscriptions there are. */
unsigned fake_nsubscriptions(void);
