/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Drives a whole registry with a sequence that the input spells: signed updates, in batches and
 * alone, drained and suspect instances, leases that end, replayed messages, memory and a disk that
 * fail, restarts. Whatever comes, it answers, derived records are right, no request fails for
 * another's fault, and a restart changes nothing. */

#include <stdlib.h>

#include "sequence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 60, BATCH_MAX = 6 };

enum { SEND, SEND_MORE, SEND_SHORT, PASS, DRAIN, UNDRAIN, RESTART, REPLAY, BREAK, STEPS };

static void step(struct base_buf *in, uint8_t what)
{
	static struct sequence_message m[BATCH_MAX]; /* the last are there to be replayed */
	static const uint32_t pass_ms[] = {1, 150, 1000, 2500, 31000, 600000, 7300000, 100};
	unsigned n = 1;
	int nallocations = SEQUENCE_ENOUGH;

	switch (what % STEPS) {
	case SEND_SHORT:
		nallocations = base_buf_u8(in);
		/* fall through */
	case SEND_MORE:
		n = 1 + what / STEPS % BATCH_MAX;
		/* fall through */
	case SEND:
		for (unsigned i = 0; i < n; i++)
			sequence_message_make(&m[i], in, sequence_now_s());
		sequence_send(m, n, nallocations);
		break;
	case PASS:
		sequence_pass(pass_ms[what / STEPS % 8]);
		break;
	case DRAIN:
	case UNDRAIN:
		sequence_drain(sequence_name(in), what % STEPS == DRAIN);
		break;
	case RESTART:
		sequence_restart();
		break;
	case REPLAY:
		sequence_send(m, 1 + what / STEPS % BATCH_MAX, SEQUENCE_ENOUGH);
		break;
	case BREAK:
		sequence_break_disk(true);
		sequence_message_make(&m[0], in, sequence_now_s());
		sequence_send(m, 1, SEQUENCE_ENOUGH);
		sequence_pass(100);
		sequence_break_disk(false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf in = base_buf_over(data, size);

	sequence_world_init();
	for (unsigned i = 0; i < STEPS_MAX && base_buf_left(&in) > 0; i++) {
		step(&in, base_buf_u8(&in));
		sequence_check();
	}
	sequence_restart();
	sequence_check();
	sequence_world_fini();
	return 0;
}
