// SPDX-License-Identifier: GPL-2.0-or-later
/* qtest.c - QEMU's qtest connection; qtest_ask.c has the commands */
#include "harness/virtio/qtest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/virtio/qtest_private.h"

#define READ_SIZE 65536
#define LINE_MAX_ (2 * QTEST_DATA_MAX + 64)

static void qtest_clear(struct qtest *q)
{
	*q = (struct qtest){.fd = -1,
			    .listen_fd = -1,
			    .log_fd = -1,
			    .log = BUF_INIT,
			    .in = BUF_INIT,
			    .out = BUF_INIT,
			    .outstanding = BUF_INIT,
			    .why = BUF_INIT};
}

void qtest_init(struct qtest *q, const char *path, const char *log)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	qtest_clear(q);
	if (log) {
		q->log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (q->log_fd < 0)
			die_errno("unable to open %s for writing", log);
	}
	if (strlen(path) >= sizeof(sa.sun_path))
		die("path of the qtest socket is too long: %s", path);
	memcpy(sa.sun_path, path, strlen(path));
	q->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->listen_fd < 0)
		die_errno("socket");
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno("unable to replace %s", path);
	if (bind(q->listen_fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    listen(q->listen_fd, 1) < 0)
		die_errno("unable to listen on %s", path);
}

void qtest_attach(struct qtest *q, int fd)
{
	qtest_clear(q);
	io_set_nonblock(fd);
	q->fd = fd;
}

static void flush_log(struct qtest *q)
{
	if (q->log_fd >= 0 && q->log.len &&
	    !io_write_all(q->log_fd, q->log.data, q->log.len, deadline_in(60000)))
		die_errno("unable to write the qtest log");
	buf_clear(&q->log);
}

void qtest_log(struct qtest *q, const void *data, size_t len)
{
	if (q->log_fd >= 0)
		buf_add(&q->log, data, len);
	for (size_t i = 0; i < len; i++)
		q->log_lines += ((const char *)data)[i] == '\n';
}

void qtest_release(struct qtest *q)
{
	flush_log(q);
	io_close(&q->fd);
	io_close(&q->listen_fd);
	io_close(&q->log_fd);
	buf_release(&q->log);
	buf_release(&q->in);
	buf_release(&q->out);
	buf_release(&q->outstanding);
	strv_release(&q->answers);
	buf_release(&q->why);
}

/* The connection is of no more use, for this reason; the first one counts. */
static void qtest_close(struct qtest *q, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void qtest_close(struct qtest *q, const char *fmt, ...)
{
	va_list ap;

	if (!q->closed) {
		buf_clear(&q->why);
		va_start(ap, fmt);
		buf_vaddf(&q->why, fmt, ap);
		va_end(ap);
		qtest_log(q, "-- ", 3);
		qtest_log(q, q->why.data, q->why.len);
		qtest_log(q, "\n", 1);
		flush_log(q);
	}
	q->closed = true;
	io_close(&q->fd);
	io_close(&q->listen_fd);
}

void qtest_garbage(struct qtest *q, const char *what, const char *line, size_t len)
{
	struct buf excerpt = BUF_INIT;

	text_printable(&excerpt, line, len, QTEST_EXCERPT);
	qtest_close(q, "QEMU sent %s over qtest: \"%s\"", what, excerpt.data);
	buf_release(&excerpt);
}

enum qtest_result qtest_accept(struct qtest *q, int ended_fd, struct deadline d)
{
	if (q->closed)
		return QTEST_CLOSED;
	/* It may have connected, said why it must go, and gone. */
	q->fd = io_accept(q->listen_fd, ended_fd, d);
	if (q->fd < 0 && errno == ETIMEDOUT)
		return QTEST_TIMEOUT;
	if (q->fd < 0) {
		qtest_close(q, "QEMU ended before it opened its qtest connection");
		return QTEST_CLOSED;
	}
	io_unlisten(&q->listen_fd);
	return QTEST_OK;
}

/* Send what the socket takes. That QEMU has gone is for the end of the input to tell. */
static void transmit(struct qtest *q)
{
	ssize_t n = send(q->fd, q->out.data, q->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		buf_drop(&q->out, (size_t)n);
	else if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		buf_clear(&q->out);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		die_errno("unable to write to the qtest socket");
}

static void receive(struct qtest *q)
{
	char *room = buf_reserve(&q->in, READ_SIZE);
	ssize_t n = recv(q->fd, room, READ_SIZE, MSG_DONTWAIT);

	if (n > 0) {
		q->in.len += (size_t)n;
		q->in.data[q->in.len] = '\0';
		qtest_log(q, room, (size_t)n);
	} else if (n == 0 || errno == ECONNRESET) {
		qtest_close(q, "QEMU closed the qtest connection%s",
			    q->in.len ? " in the middle of a line" : "");
	} else if (errno != EAGAIN && errno != EINTR) {
		die_errno("unable to read from the qtest socket");
	}
}

bool qtest_parse_number(const char *s, int base, size_t max, uint64_t *value)
{
	const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
	size_t n = strspn(s, digits);

	if (!n || n > max || s[n])
		return false;
	*value = strtoull(s, NULL, base);
	return true;
}

/* "IRQ raise 11"; false: it is not in that form. */
static bool take_irq(struct qtest *q, const char *line)
{
	bool raise = strncmp(line, "IRQ raise ", 10) == 0;
	uint64_t number;

	if ((!raise && strncmp(line, "IRQ lower ", 10) != 0) ||
	    !qtest_parse_number(line + 10, 10, 5, &number))
		return false;
	if (number < QTEST_LINES) {
		q->raised[number] += raise && !q->level[number];
		q->level[number] = raise;
	}
	return true;
}

/* Cut the next answer out of what came: malloc'ed; NULL: there is none yet. */
static char *next_answer(struct qtest *q)
{
	char *end, *line;

	while ((end = memchr(q->in.data, '\n', q->in.len))) {
		size_t len = (size_t)(end - q->in.data);

		if (memchr(q->in.data, '\0', len)) {
			qtest_garbage(q, "a NUL", q->in.data, len);
			buf_clear(&q->in);
			return NULL;
		}
		line = xstrndup(q->in.data, len);
		buf_drop(&q->in, len + 1);
		if (strncmp(line, "IRQ ", 4) != 0)
			return line;
		if (!take_irq(q, line)) {
			qtest_garbage(q, "a malformed interrupt", line, len);
			buf_clear(&q->in);
		}
		free(line);
	}
	if (q->in.len > LINE_MAX_)
		qtest_garbage(q, "a line without end", q->in.data, q->in.len);
	return NULL;
}

/* Forget the oldest command whose answer is awaited; its text into @command. */
static void pop_command(struct qtest *q, struct buf *command)
{
	size_t len = strcspn(q->outstanding.data, "\n");

	buf_clear(command);
	buf_add(command, q->outstanding.data, len);
	buf_drop(&q->outstanding, len + 1);
	q->n_outstanding--;
}

/* What was posted is answered with "OK", or it is the end. */
static void judge(struct qtest *q, const struct buf *command, const char *answer)
{
	struct buf text = BUF_INIT;

	if (strcmp(answer, "OK") != 0) {
		text_printable(&text, command->data + 1, command->len - 1, QTEST_EXCERPT);
		buf_addstr(&text, "\" with \"");
		text_printable(&text, answer, strlen(answer), QTEST_EXCERPT);
		qtest_close(q, "QEMU answered \"%s\"", text.data);
	}
	buf_release(&text);
}

enum qtest_result qtest_converse(struct qtest *q, struct deadline d, char **last)
{
	struct buf command = BUF_INIT;

	while (!q->closed && q->n_outstanding) {
		struct pollfd p = {.fd = q->fd, .events = POLLIN};
		char *answer = next_answer(q);

		if (answer) {
			pop_command(q, &command);
			if (last && q->n_outstanding == 0) {
				*last = answer;
				break;
			}
			if (*command.data == QTEST_KEPT)
				strv_push(&q->answers, answer);
			else
				judge(q, &command, answer);
			free(answer);
			continue;
		}
		if (q->closed)
			break;
		flush_log(q);
		if (q->out.len)
			transmit(q);
		if (q->out.len)
			p.events |= POLLOUT;
		if (!io_poll(&p, 1, d)) {
			qtest_close(q, "QEMU does not answer over qtest");
			buf_release(&command);
			return QTEST_TIMEOUT;
		}
		if (p.revents & ~POLLOUT)
			receive(q);
	}
	buf_release(&command);
	return q->closed && !(last && *last) ? QTEST_CLOSED : QTEST_OK;
}

void qtest_drain(struct qtest *q)
{
	char *stray;

	while (q->fd >= 0 && io_wait(q->fd, POLLIN, (struct deadline){0}))
		receive(q);
	if (!q->n_outstanding && (stray = next_answer(q))) {
		qtest_garbage(q, "an answer to nothing", stray, strlen(stray));
		free(stray);
	}
}
