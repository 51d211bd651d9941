/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A connection goes through these states again and again:
 *
 * 1. It reads a line.
 * 2. Its request runs; nothing is watched.
 * 3. It writes the answer.
 *
 * So there is at most one request for each connection, and a connection is freed only by its own
 * watchers or by control_server_close(), never inside a command. */

#include "control/server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "control/command.h"

enum {
	CONNECTIONS_MAX = 32,
	LINE_MAX_BYTES = CONTROL_LINE_MAX,
	/* of a command and of its error, what a line of the log has */
	WORDS_MAX = 512,
	ERROR_MAX = 1024,
	BACKLOG = 16,
	STREAMS_MAX = 8,
	STREAM_BYTES = 65536, /* that wait for the client of a stream */
};

static const ev_tstamp TURN_TIMEOUT_S = 30.0; /* for a client to send a request or take an answer */
static const ev_tstamp ACCEPT_RETRY_S = 1.0;
static const ev_tstamp STREAM_LOOK_S = 0.05; /* how often a stream looks for new lines */

struct connection {
	LIST_ENTRY(connection) link;
	struct control_server *control;
	ev_io io;
	ev_timer timer;
	int fd;
	int output;			 /* came with the line that is being read, or -1 */
	bool has_ended;			 /* the client sends no more */
	struct control_request *request; /* the running request, or NULL */
	char *line;			 /* what was read; capacity LINE_MAX_BYTES */
	size_t nline;
	char *answer; /* being written, or NULL */
	size_t nanswer, nsent;
	struct control_stream stream; /* `next` is NULL: it is not one */
	ev_timer look;
};

struct control_server {
	struct ev_loop *loop;
	ev_io accept;
	ev_timer retry;
	int fd;
	char *path;
	dev_t dev; /* of the socket's file: another one that is now at the path is not removed */
	ino_t ino;
	const struct control_command *commands;
	const control_run_fn *run;
	size_t ncommands;
	void *arg;
	LIST_HEAD(, connection) connections;
	unsigned nconnections, nstreams;
};

struct control_request {
	struct connection *connection; /* NULL when the client or the socket is gone */
	json_t *json;
	const json_t *args;
	int output;
	int uid, pid; /* of the client; -1 and 0 if unknown */
};

/* Adds a word of the command line, after a blank unless it is the first. */
static void word_add(char out[static WORDS_MAX], const char *word)
{
	size_t n = strlen(out);

	snprintf(out + n, WORDS_MAX - n, "%s%s", n > 0 ? " " : "", word);
}

/* Writes an error on one line, cut off if it is too long: its lines are joined. Returns `out`. */
static const char *error_join(char out[static ERROR_MAX], const char *error)
{
	size_t n = 0;

	for (; *error != '\0' && n < ERROR_MAX - 2; error++) {
		if (*error == '\n')
			out[n++] = ';';
		out[n++] = *error == '\n' ? ' ' : *error;
	}
	out[n] = '\0';
	return out;
}

/* Commands that only read are what monitoring asks every few seconds: no news. */
static void request_log(const struct control_request *request, const char *error)
{
	const char *name = json_string_value(json_object_get(request->json, "command"));
	bool is_news = error != NULL || name == NULL || !control_command_reads(name);
	char words[WORDS_MAX] = "", line[2 * WORDS_MAX];
	char joined[ERROR_MAX], why[ERROR_MAX];
	size_t nargs = json_array_size(request->args);

	if (!base_log_is(is_news ? BASE_LOG_INFO : BASE_LOG_DEBUG))
		return;
	word_add(words, name == NULL ? "-" : name);
	for (size_t i = 0; i < nargs && strlen(words) < WORDS_MAX - 2; i++)
		word_add(words, json_string_value(json_array_get(request->args, i)));
	base_log(is_news ? BASE_LOG_INFO : BASE_LOG_DEBUG, "control",
		 "command line=%s uid=%d pid=%d result=%s%s%s",
		 base_log_quote(line, sizeof(line), words), request->uid, request->pid,
		 error == NULL ? "done" : "failed", error == NULL ? "" : " why=",
		 error == NULL ? "" : base_log_quote(why, sizeof(why), error_join(joined, error)));
}

static void connection_free(struct connection *c)
{
	struct control_server *control = c->control;

	if (c->request != NULL)
		c->request->connection = NULL;
	if (c->stream.next != NULL) {
		control->nstreams--;
		c->stream.end(c->stream.arg);
		ev_timer_stop(control->loop, &c->look);
	}
	ev_io_stop(control->loop, &c->io);
	ev_timer_stop(control->loop, &c->timer);
	LIST_REMOVE(c, link);
	if (control->nconnections-- == CONNECTIONS_MAX)
		ev_io_start(control->loop, &control->accept);
	if (c->output >= 0)
		close(c->output);
	close(c->fd);
	free(c->line);
	free(c->answer);
	free(c);
}

/* Watches for what the connection waits for: reading, writing, or nothing while a request runs. */
static void connection_watch(struct connection *c)
{
	struct ev_loop *loop = c->control->loop;
	int events = c->request != NULL ? 0 : c->answer != NULL ? EV_WRITE : EV_READ;

	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->timer);
	if (events == 0)
		return;
	ev_io_set(&c->io, c->fd, events);
	ev_io_start(loop, &c->io);
	/* A stream may have nothing to write for any time. */
	if (c->stream.next != NULL && c->answer == NULL)
		return;
	ev_timer_set(&c->timer, TURN_TIMEOUT_S, 0.0);
	ev_timer_start(loop, &c->timer);
}

static void request_end(struct control_request *request, json_t *take_answer)
{
	struct connection *c = request->connection;

	request_log(request, json_string_value(json_object_get(take_answer, "error")));
	base_log_flush();
	if (c != NULL) {
		c->answer = json_dumps(take_answer, JSON_COMPACT);
		if (c->answer == NULL)
			c->answer = strdup("{\"ok\":false,\"error\":\"out of memory\"}");
		c->nanswer = c->answer != NULL ? strlen(c->answer) : 0;
		c->nsent = 0;
		/* The newline replaces the NUL; the length is in `nanswer`. */
		if (c->answer != NULL)
			c->answer[c->nanswer++] = '\n';
		else
			c->has_ended = true;
		c->request = NULL;
		connection_watch(c);
	}
	if (request->output >= 0)
		close(request->output);
	json_decref(take_answer);
	json_decref(request->json);
	free(request);
}

void control_request_answer(struct control_request *request, json_t *take_result)
{
	request_end(request, json_pack("{s:b, s:o}", "ok", 1, "result",
				       take_result != NULL ? take_result : json_null()));
}

void control_request_fail(struct control_request *request, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	request_end(request,
		    json_pack("{s:b, s:s}", "ok", 0, "error", n >= 0 ? text : "out of memory"));
	if (n >= 0)
		free(text);
}

size_t control_request_nargs(const struct control_request *request)
{
	return json_array_size(request->args);
}

const char *control_request_arg(const struct control_request *request, size_t i)
{
	return json_string_value(json_array_get(request->args, i));
}

int control_request_output(const struct control_request *request)
{
	return request->output;
}

static void request_know_peer(struct control_request *request, int fd)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		peer.uid = (uid_t)-1;
	request->uid = (int)peer.uid;
	request->pid = (int)peer.pid;
}

static json_t *commands_describe(const struct control_server *control)
{
	json_t *all = json_array();

	for (size_t i = 0; i < control->ncommands; i++) {
		const struct control_command *c = &control->commands[i];

		if (c->help == NULL)
			continue;
		json_array_append_new(all, json_pack("{s:s, s:s, s:s}", "command", c->name, "args",
						     c->args, "help", c->help));
	}
	return all;
}

/* Whether the request has the form that control/server.h describes. Also finds its arguments. */
static bool is_well_formed(struct control_request *request)
{
	const json_t *args = json_object_get(request->json, "args");

	if (json_string_value(json_object_get(request->json, "command")) == NULL)
		return false;
	if (args != NULL && !json_is_array(args))
		return false;
	for (size_t i = 0; i < json_array_size(args); i++) {
		if (!json_is_string(json_array_get(args, i)))
			return false;
	}
	request->args = args;
	return true;
}

static void request_run(struct connection *c, struct control_request *request)
{
	const struct control_server *control = c->control;
	const struct control_command *command;
	const char *name;
	size_t i = 0;

	request_know_peer(request, c->fd);
	if (!is_well_formed(request)) {
		control_request_fail(request, "the request is not {\"command\": TEXT, \"args\": "
					      "[TEXT...]}");
		return;
	}
	name = json_string_value(json_object_get(request->json, "command"));
	if (strcmp(name, "help") == 0) {
		control_request_answer(request, commands_describe(control));
		return;
	}
	while (i < control->ncommands && strcmp(control->commands[i].name, name) != 0)
		i++;
	if (i == control->ncommands) {
		control_request_fail(request, "unknown command %s", name);
		return;
	}
	command = &control->commands[i];
	if (control_request_nargs(request) < command->args_min ||
	    control_request_nargs(request) > command->args_max)
		control_request_fail(request, "usage: %s %s", name, command->args);
	else
		control->run[i](control->arg, request);
}

/* Runs the request in the first `nbytes` bytes of what was read, a line without its newline.
 * Returns 0 or -ENOMEM. */
static int line_run(struct connection *c, size_t nbytes)
{
	struct control_request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return -ENOMEM;
	request->json = json_loadb(c->line, nbytes, JSON_REJECT_DUPLICATES, NULL);
	request->output = c->output;
	request->connection = c;
	c->output = -1;
	c->request = request;
	c->nline -= nbytes + 1;
	memmove(c->line, c->line + nbytes + 1, c->nline);
	connection_watch(c);
	request_run(c, request);
	return 0;
}

/* Takes the descriptor that came with the message, if any; of several the last. */
static void output_take(struct connection *c, struct msghdr *msg)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(msg); part != NULL;
	     part = CMSG_NXTHDR(msg, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		if (c->output >= 0)
			close(c->output);
		memcpy(&c->output, CMSG_DATA(part), sizeof(c->output));
	}
}

/* Reads what has arrived. Returns 0, or a negative errno if the connection is to be closed. */
static int connection_read(struct connection *c)
{
	struct iovec rest = {c->line + c->nline, LINE_MAX_BYTES - c->nline};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} parts;
	struct msghdr msg = {.msg_iov = &rest,
			     .msg_iovlen = 1,
			     .msg_control = parts.bytes,
			     .msg_controllen = sizeof(parts.bytes)};
	ssize_t n;

	if (rest.iov_len == 0)
		return -EMSGSIZE;
	n = recvmsg(c->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	output_take(c, &msg);
	c->nline += (size_t)n;
	c->has_ended = n == 0;
	return 0;
}

/* Runs the next line if it has arrived, or waits for it. Returns 0, or a negative errno if the
 * connection is to be closed. */
static int connection_continue(struct connection *c)
{
	const char *newline = memchr(c->line, '\n', c->nline);

	if (newline != NULL)
		return line_run(c, (size_t)(newline - c->line));
	if (c->has_ended)
		return -ECONNRESET;
	connection_watch(c);
	return 0;
}

static ssize_t connection_flush(struct connection *c)
{
	return send(c->fd, c->answer + c->nsent, c->nanswer - c->nsent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- streams ---- */

/* Has the client read the stream's last line, of which it is hung up on. */
static void stream_end(struct connection *c, const char *line, size_t nbytes)
{
	char *longer = realloc(c->answer, c->nanswer + nbytes);

	base_log(BASE_LOG_INFO, "control", "stream-dropped why=\"its client does not read\"");
	if (longer != NULL) {
		memcpy(longer + c->nanswer, line, nbytes);
		c->answer = longer;
		c->nanswer += nbytes;
	}
	c->has_ended = true;
	ev_timer_stop(c->control->loop, &c->look);
}

/* Takes new lines of the stream, if the client has read the ones before; else looks whether it
 * misses some. */
static void stream_look(struct connection *c)
{
	char *lines, last[256];
	size_t nbytes;

	if (c->answer != NULL) {
		nbytes = c->stream.lose(c->stream.arg, last, sizeof(last));
		if (nbytes > 0)
			stream_end(c, last, nbytes);
		return;
	}
	lines = malloc(STREAM_BYTES);
	nbytes = lines == NULL ? 0 : c->stream.next(c->stream.arg, lines, STREAM_BYTES);
	if (nbytes == 0) {
		free(lines);
		return;
	}
	c->answer = lines;
	c->nanswer = nbytes;
	c->nsent = 0;
	connection_watch(c);
}

static void on_look(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	stream_look(w->data);
}

/* The client of a stream has nothing to send: only its end is looked for. */
static int stream_read(struct connection *c)
{
	ssize_t n = recv(c->fd, c->line, LINE_MAX_BYTES, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n == 0 ? -ECONNRESET : 0;
}

int control_request_stream(struct control_request *request, const struct control_stream *stream)
{
	struct connection *c = request->connection;

	if (c != NULL && c->control->nstreams == STREAMS_MAX)
		return -EBUSY;
	if (c == NULL) {
		stream->end(stream->arg);
	} else {
		c->stream = *stream;
		c->control->nstreams++;
		ev_timer_init(&c->look, on_look, STREAM_LOOK_S, STREAM_LOOK_S);
		c->look.data = c;
		ev_timer_start(c->control->loop, &c->look);
	}
	control_request_answer(request, NULL);
	return 0;
}

static int connection_write(struct connection *c)
{
	ssize_t sent = connection_flush(c);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	c->nsent += (size_t)sent;
	if (c->nsent < c->nanswer) {
		/* The client takes the answer: its time limit starts again. */
		connection_watch(c);
		return 0;
	}
	free(c->answer);
	c->answer = NULL;
	if (c->stream.next == NULL)
		return connection_continue(c);
	if (c->has_ended)
		return -ECONNRESET;
	connection_watch(c);
	stream_look(c);
	return 0;
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct connection *c = w->data;
	int ret;

	(void)loop;
	(void)events;
	if (c->answer != NULL) {
		ret = connection_write(c);
	} else if (c->stream.next != NULL) {
		ret = stream_read(c);
	} else {
		ret = connection_read(c);
		if (ret == 0)
			ret = connection_continue(c);
	}
	if (ret != 0)
		connection_free(c);
}

static void on_timeout(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	connection_free(w->data);
}

static void connection_new(struct control_server *control, int fd)
{
	struct connection *c = calloc(1, sizeof(*c));
	char *line = malloc(LINE_MAX_BYTES);

	if (c == NULL || line == NULL) {
		free(c);
		free(line);
		close(fd);
		return;
	}
	c->control = control;
	c->fd = fd;
	c->output = -1;
	c->line = line;
	ev_io_init(&c->io, on_io, fd, EV_READ);
	ev_timer_init(&c->timer, on_timeout, TURN_TIMEOUT_S, 0.0);
	c->io.data = c->timer.data = c;
	LIST_INSERT_HEAD(&control->connections, c, link);
	if (++control->nconnections == CONNECTIONS_MAX)
		ev_io_stop(control->loop, &control->accept);
	connection_watch(c);
}

static void on_accept(struct ev_loop *loop, ev_io *w, int events)
{
	struct control_server *control = w->data;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		connection_new(control, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		/* The connection remains in the backlog: without a pause the loop would spin. */
		ev_io_stop(loop, &control->accept);
		ev_timer_set(&control->retry, ACCEPT_RETRY_S, 0.0);
		ev_timer_start(loop, &control->retry);
	}
}

static void on_retry(struct ev_loop *loop, ev_timer *w, int events)
{
	struct control_server *control = w->data;

	(void)events;
	if (control->nconnections < CONNECTIONS_MAX)
		ev_io_start(loop, &control->accept);
}

/* Whether a process listens at the address. If not, the socket file was left by one that died. */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_refused;

	if (fd < 0)
		return true;
	is_refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
		     errno == ECONNREFUSED;
	close(fd);
	return !is_refused;
}

/* A path in the configuration may be that of another file by mistake, which must survive it. */
static bool is_socket(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int socket_bind(int fd, const struct control_server_settings *settings)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct sockaddr *sa = (const struct sockaddr *)&address;

	if (strlen(settings->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, settings->path);
	/* Before bind() this sets the mode that the file is created with: it is never more open. */
	if (fchmod(fd, 0660) != 0)
		return -errno;
	if (bind(fd, sa, sizeof(address)) != 0) {
		if (errno != EADDRINUSE)
			return -errno;
		if (!is_socket(settings->path))
			return -ENOTSOCK;
		if (is_alive(&address))
			return -EADDRINUSE;
		if (unlink(settings->path) != 0 || bind(fd, sa, sizeof(address)) != 0)
			return -errno;
	}
	if (chmod(settings->path, 0660) != 0 ||
	    lchown(settings->path, settings->uid, settings->gid) != 0 || listen(fd, BACKLOG) != 0) {
		int ret = -errno;

		unlink(settings->path);
		return ret;
	}
	return 0;
}

int control_server_open(struct control_server **out, struct ev_loop *loop,
			const struct control_server_settings *settings)
{
	struct control_server *control = calloc(1, sizeof(*control));
	struct stat st;
	int ret = -ENOMEM;

	if (control == NULL)
		return -ENOMEM;
	control->fd = -1;
	control->path = strdup(settings->path);
	if (control->path == NULL)
		goto undo;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ret = control->fd < 0 ? -errno : socket_bind(control->fd, settings);
	if (ret != 0)
		goto undo;

	/* What lstat() cannot find later is not removed either. */
	if (lstat(control->path, &st) == 0) {
		control->dev = st.st_dev;
		control->ino = st.st_ino;
	}
	control->loop = loop;
	control->commands = settings->commands;
	control->run = settings->run;
	control->ncommands = settings->ncommands;
	control->arg = settings->arg;
	LIST_INIT(&control->connections);
	ev_io_init(&control->accept, on_accept, control->fd, EV_READ);
	ev_timer_init(&control->retry, on_retry, ACCEPT_RETRY_S, 0.0);
	control->accept.data = control->retry.data = control;
	ev_io_start(loop, &control->accept);
	*out = control;
	return 0;
undo:
	if (control->fd >= 0)
		close(control->fd);
	free(control->path);
	free(control);
	return ret;
}

void control_server_close(struct control_server *control)
{
	struct connection *c, *next;
	struct stat st;

	if (control == NULL)
		return;
	for (c = LIST_FIRST(&control->connections); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		/* Perhaps the answer to the command that stops the process. */
		if (c->answer != NULL)
			connection_flush(c);
		connection_free(c);
	}
	ev_io_stop(control->loop, &control->accept);
	ev_timer_stop(control->loop, &control->retry);
	if (lstat(control->path, &st) == 0 && st.st_dev == control->dev &&
	    st.st_ino == control->ino)
		unlink(control->path);
	close(control->fd);
	free(control->path);
	free(control);
}
