/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/loop.h - a loop for commands that go on: libweft, signals, and whether the reader of
 * standard output is still there.
 *
 * Signals that end a program, and those of children, are blocked as long as the loop lives. One
 * loop, one thread. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

struct service;

struct service_loop {
	const struct service *service;
	int signals; /* a descriptor */
	sigset_t before;
	bool is_reader_watched; /* end when nobody reads standard output */
	bool is_reader_gone;
	struct signalfd_siginfo signal; /* the last one */
};

/* What a turn has seen instead of a signal. */
enum { SERVICE_LOOP_NOTHING = 0, SERVICE_LOOP_READER_GONE = -1 };

/* Blocks the signals: those that end a program, SIGCHLD, and if `has_child` others that a child may
 * want. Returns CLI_OK, after which service_loop_end() is owed, or CLI_FAILURE after a message. */
int service_loop_begin(struct service_loop *l, const struct service *service, bool has_child);

/* Puts the signals back. */
void service_loop_end(struct service_loop *l);

/* Waits, at most `timeout_ms` (-1: for ever), until libweft has something to do, and does it, or
 * until a signal comes. Returns the signal, or SERVICE_LOOP_*. */
int service_loop_turn(struct service_loop *l, int timeout_ms);
