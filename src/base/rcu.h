/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/rcu.h - readers without locks: read, copy, update; by quiescent states.
 *
 * A reader follows published pointers without a lock or a counter; from time to time, between two
 * batches of work, it says that it holds none (a quiescent state), and while it sleeps it is
 * offline. A writer publishes the new version, begins a grace period, and frees the old one when
 * that is over: when each reader has been quiescent or offline since.
 *
 * Nobody is woken for a grace period and no thread of its own runs: whoever has something to free
 * looks, when it comes by, how far the readers are. That is why this is not liburcu, whose call_rcu
 * costs every commit two thread switches. All of it is C11 atomics, which ThreadSanitizer
 * understands.
 *
 * A thread is registered first; after that it is online. */
#pragma once

#include <stdint.h>

enum { BASE_RCU_THREADS = 1024 }; /* at one time; more is a bug of ours */

void base_rcu_register(void);

/* Waits until what the thread has deferred can be freed. It holds no pointer. */
void base_rcu_unregister(void);

/* From here on the thread holds no published pointer, and holds up no grace period. */
void base_rcu_offline(void);
void base_rcu_online(void);

/* The thread, online, holds no published pointer at this moment. Cheap: once for each batch of
 * work. */
void base_rcu_quiescent(void);

/* Begins a grace period for what was made unreachable before; its number, which only grows. Any
 * thread. */
uint64_t base_rcu_begin(void);

/* All grace periods up to this one are over. Any thread. */
uint64_t base_rcu_done(void);

/* Waits for a grace period; the caller is offline meanwhile and holds no published pointer. */
void base_rcu_wait(void);

/* Frees a malloc'd piece, made unreachable before, when no reader can hold it any more: at one of
 * this thread's next quiescent states. */
void base_rcu_defer(void *piece);
