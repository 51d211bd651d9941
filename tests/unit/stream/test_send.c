/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* One end of a socket pair is a connection without a loop; the other end is the client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../memory.h"
#include "push/message.h"
#include "stream/stream_priv.h"

struct fixture {
	struct server_worker worker;
	struct stream *stream;
	struct stream_connection c;
	int client;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	f->stream = calloc(1, sizeof(*f->stream));
	f->stream->worker = &f->worker;
	f->stream->out = base_out_over(f->stream->out_bytes, sizeof(f->stream->out_bytes));
	f->worker.stream = f->stream;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	f->c.worker = &f->worker;
	f->c.io.fd = fds[0];
	f->client = fds[1];
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stream_send_clear(&f->c);
	close(f->c.io.fd);
	close(f->client);
	free(f->stream);
	free(f);
	return 0;
}

/* Checks that the client gets these bytes and no more. */
static void check_got(struct fixture *f, const char *bytes, size_t nbytes)
{
	char got[100];

	assert_int_equal(recv(f->client, got, sizeof(got), 0), nbytes);
	assert_memory_equal(got, bytes, nbytes);
}

#define CHECK_GOT(f, bytes) check_got(f, bytes, sizeof(bytes) - 1)

static void messages_are_sent_in_order(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"shared", 6);
	struct fixture *f = *state;

	stream_send_message(&f->c, (const uint8_t *)"one", 3);
	stream_send_shared(&f->c, m);
	stream_send_message(&f->c, (const uint8_t *)"two", 3);
	assert_int_equal(f->c.nunsent, 5 + 8 + 5);
	assert_int_equal(m->nusers, 2);
	stream_send_flush(&f->c);
	CHECK_GOT(f, "\0\3one\0\6shared\0\3two");
	assert_int_equal(f->c.nunsent, 0);
	assert_null(f->c.first);
	assert_int_equal(m->nusers, 1);
	push_message_release(m);
}

/* While requests are answered, answers are gathered: what comes later must not overtake them. */
static void gathered_answers_are_sent_before_later_messages(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"shared", 6);
	struct fixture *f = *state;

	f->stream->gathering = &f->c;
	stream_send_message(&f->c, (const uint8_t *)"one", 3);
	assert_int_equal(f->c.nunsent, 0);
	stream_send_shared(&f->c, m);
	stream_send_message(&f->c, (const uint8_t *)"two", 3);
	f->stream->gathering = NULL;
	stream_send_gathered(&f->c);
	stream_send_flush(&f->c);
	CHECK_GOT(f, "\0\3one\0\6shared\0\3two");
	push_message_release(m);
}

static void fill_the_socket(struct fixture *f)
{
	static const uint8_t bytes[65536];

	for (unsigned i = 0; i < 100; i++)
		stream_send_later(&f->c, bytes, sizeof(bytes));
	while (f->c.nunsent > 0) {
		size_t before = f->c.nunsent;

		stream_send_flush(&f->c);
		if (f->c.nunsent == before)
			break;
	}
	assert_true(f->c.nunsent > 0);
}

static void drain_the_socket(struct fixture *f)
{
	static char bytes[65536];

	while (recv(f->client, bytes, sizeof(bytes), 0) > 0)
		stream_send_flush(&f->c);
	stream_send_flush(&f->c);
}

static void shared_messages_that_wait_can_be_dropped(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"shared", 6);
	struct fixture *f = *state;
	size_t nunsent;

	fill_the_socket(f);
	nunsent = f->c.nunsent;
	stream_send_shared(&f->c, m);
	stream_send_shared(&f->c, m);
	assert_int_equal(f->c.nunsent, nunsent + 16);
	stream_send_drop_shared(&f->c);
	assert_int_equal(f->c.nunsent, nunsent);
	assert_int_equal(m->nusers, 1);
	stream_send_message(&f->c, (const uint8_t *)"end", 3);
	drain_the_socket(f);
	assert_int_equal(f->c.nunsent, 0);
	push_message_release(m);
}

static void a_shared_message_that_has_begun_is_not_dropped(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"shared", 6);
	struct fixture *f = *state;

	stream_send_shared(&f->c, m);
	stream_send_shared(&f->c, m);
	f->c.first->nsent = 3;
	f->c.nunsent -= 3;
	stream_send_drop_shared(&f->c);
	assert_int_equal(f->c.nunsent, 5);
	assert_ptr_equal(f->c.first, f->c.last);
	stream_send_flush(&f->c);
	CHECK_GOT(f, "hared");
	push_message_release(m);
}

static void short_memory_fails_the_connection(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"shared", 6);
	struct fixture *f = *state;

	memory_fail_after(0);
	stream_send_shared(&f->c, m);
	memory_fail_after(MEMORY_ENOUGH);
	assert_true(f->c.has_failed);
	assert_int_equal(m->nusers, 1);
	assert_int_equal(f->c.nunsent, 0);
	push_message_release(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_sent_in_order),
		TEST(gathered_answers_are_sent_before_later_messages),
		TEST(shared_messages_that_wait_can_be_dropped),
		TEST(a_shared_message_that_has_begun_is_not_dropped),
		TEST(short_memory_fails_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
