/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/rcu.h - readers without locks: read, copy, update; by quiescent states.
 *
 * A reader follows published pointers without a lock or a counter. From time to time, between two
 * batches of work, it announces that it holds no such pointer (a quiescent state), and while it
 * sleeps it is offline. A writer publishes the new version, begins a grace period, and frees the
 * old version when the grace period is over: when each reader has been quiescent or offline since.
 *
 * Nothing is woken for a grace period and no thread of its own runs: a thread that has something to
 * free looks at its next quiescent state how far the readers are. That is why this is not liburcu,
 * whose call_rcu costs every commit two thread switches. All of it is C11 atomics, which
 * ThreadSanitizer understands. It does not know what the pointers point to.
 *
 * A thread registers before it calls any function for readers; it is online afterwards. */
#pragma once

#include <stdint.h>

enum { BASE_RCU_THREADS = 1024 }; /* registered at one time; more would be a bug of ours */

/* ---- readers: the calling thread, registered ---- */

/* Registers the calling thread, which is online then. */
void base_rcu_register(void);

/* Ends the registration. The thread must hold no published pointer; waits until all pieces that it
 * has deferred are freed. */
void base_rcu_unregister(void);

/* Goes offline: from here on the thread holds no published pointer and delays no grace period. */
void base_rcu_offline(void);

/* Comes back online: the thread may follow published pointers again. */
void base_rcu_online(void);

/* Announces that the thread, online, holds no published pointer at this moment, and frees deferred
 * pieces whose time has come. Cheap: once for each batch of work. */
void base_rcu_quiescent(void);

/* Frees a malloc'd piece, which the caller has made unreachable before, at one of this thread's
 * next quiescent states: as soon as no reader can hold it. If there is no memory to remember the
 * piece, it is never freed. */
void base_rcu_defer(void *piece);

/* ---- writers: any thread ---- */

/* Begins a grace period for everything that the caller has made unreachable before. Returns its
 * number; numbers only grow. */
uint64_t base_rcu_begin(void);

/* Returns the number of the newest grace period that is over; all older ones are over, too. */
uint64_t base_rcu_done(void);

/* Begins a grace period and waits until it is over. The caller holds no published pointer and is
 * offline meanwhile; it need not be registered. */
void base_rcu_wait(void);
