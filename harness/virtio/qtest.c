// SPDX-License-Identifier: GPL-2.0-or-later
/* qtest.c - QEMU's qtest protocol */
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

#define READ_SIZE 65536
/* The longest answer is that of a bulk read: 2 digits a byte. */
#define DATA_MAX  65536
#define LINE_MAX_ (2 * DATA_MAX + 64)
#define EXCERPT	  100
/* Posted commands are sent at the latest when there are so many bytes of them. */
#define POST_MAX 32768

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

/* It is written before there is anything to wait for. */
static void log_bytes(struct qtest *q, const void *data, size_t len)
{
	if (q->log_fd >= 0)
		buf_add(&q->log, data, len);
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
		log_bytes(q, "-- ", 3);
		log_bytes(q, q->why.data, q->why.len);
		log_bytes(q, "\n", 1);
		flush_log(q);
	}
	q->closed = true;
	io_close(&q->fd);
	io_close(&q->listen_fd);
}

static void close_garbage(struct qtest *q, const char *what, const char *line, size_t len)
{
	struct buf excerpt = BUF_INIT;

	text_printable(&excerpt, line, len, EXCERPT);
	qtest_close(q, "QEMU sent %s over qtest: \"%s\"", what, excerpt.data);
	buf_release(&excerpt);
}

enum qtest_result qtest_accept(struct qtest *q, int ended_fd, struct deadline d)
{
	struct pollfd fds[2] = {{.fd = q->listen_fd, .events = POLLIN},
				{.fd = ended_fd, .events = POLLIN}};

	while (q->fd < 0) {
		if (q->closed)
			return QTEST_CLOSED;
		if (!io_poll(fds, 2, d))
			return QTEST_TIMEOUT;
		q->fd = accept4(q->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (q->fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			die_errno("unable to accept the qtest connection");
		if (q->fd < 0 && fds[1].revents)
			qtest_close(q, "QEMU ended before it opened its qtest connection");
	}
	io_close(&q->listen_fd);
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
		log_bytes(q, room, (size_t)n);
	} else if (n == 0 || errno == ECONNRESET) {
		qtest_close(q, "QEMU closed the qtest connection%s",
			    q->in.len ? " in the middle of a line" : "");
	} else if (errno != EAGAIN && errno != EINTR) {
		die_errno("unable to read from the qtest socket");
	}
}

/* A number of at most @max digits of @base with nothing behind it. */
static bool parse_number(const char *s, int base, size_t max, uint64_t *value)
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
	    !parse_number(line + 10, 10, 5, &number))
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
			close_garbage(q, "a NUL", q->in.data, len);
			buf_clear(&q->in);
			return NULL;
		}
		line = xstrndup(q->in.data, len);
		buf_drop(&q->in, len + 1);
		if (strncmp(line, "IRQ ", 4) != 0)
			return line;
		if (!take_irq(q, line)) {
			close_garbage(q, "a malformed interrupt", line, len);
			buf_clear(&q->in);
		}
		free(line);
	}
	if (q->in.len > LINE_MAX_)
		close_garbage(q, "a line without end", q->in.data, q->in.len);
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

/* Send, receive, and take answers until no command is without one. What those before the last one
 * get must be "OK"; the last one's goes to *last (NULL: must be "OK", too). */
static enum qtest_result converse(struct qtest *q, struct deadline d, char **last)
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
			if (strcmp(answer, "OK") != 0) {
				struct buf text = BUF_INIT;

				text_printable(&text, command.data, command.len, EXCERPT);
				buf_addstr(&text, "\" with \"");
				text_printable(&text, answer, strlen(answer), EXCERPT);
				qtest_close(q, "QEMU answered \"%s\"", text.data);
				buf_release(&text);
			}
			free(answer);
			continue;
		}
		if (q->closed)
			break;
		if (q->out.len)
			p.events |= POLLOUT;
		flush_log(q);
		if (!io_poll(&p, 1, d)) {
			qtest_close(q, "QEMU does not answer over qtest");
			buf_release(&command);
			return QTEST_TIMEOUT;
		}
		if (p.revents & POLLOUT)
			transmit(q);
		if (p.revents & ~POLLOUT)
			receive(q);
	}
	buf_release(&command);
	return q->closed && !(last && *last) ? QTEST_CLOSED : QTEST_OK;
}

/* Put a command, already at the end of @out from @from on, among those that await an answer. */
static void posted(struct qtest *q, size_t from)
{
	size_t len = q->out.len - from;

	log_bytes(q, q->out.data + from, len);
	/* Of the long ones the start is enough for a message. */
	if (len > EXCERPT) {
		buf_add(&q->outstanding, q->out.data + from, EXCERPT);
		buf_addstr(&q->outstanding, "..\n");
	} else {
		buf_add(&q->outstanding, q->out.data + from, len);
	}
	q->n_outstanding++;
}

static void vpost(struct qtest *q, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static void vpost(struct qtest *q, const char *fmt, va_list ap)
{
	size_t from = q->out.len;

	if (q->closed)
		return;
	buf_vaddf(&q->out, fmt, ap);
	buf_addstr(&q->out, "\n");
	posted(q, from);
}

void qtest_post(struct qtest *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpost(q, fmt, ap);
	va_end(ap);
	if (q->out.len > POST_MAX)
		(void)qtest_flush(q, deadline_in(10000)); /* a failure stays in @closed */
}

void qtest_post_data(struct qtest *q, uint64_t addr, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	while (len && !q->closed) {
		size_t n = len < DATA_MAX ? len : DATA_MAX, from = q->out.len;
		char *room;

		buf_addf(&q->out, "write 0x%llx 0x%zx 0x", (unsigned long long)addr, n);
		room = buf_reserve(&q->out, 2 * n);
		for (size_t i = 0; i < n; i++) {
			room[2 * i] = digits[bytes[i] >> 4];
			room[2 * i + 1] = digits[bytes[i] & 15];
		}
		q->out.len += 2 * n;
		buf_addstr(&q->out, "\n");
		posted(q, from);
		if (q->out.len > POST_MAX)
			(void)qtest_flush(q, deadline_in(10000)); /* as above */
		addr += n;
		bytes += n;
		len -= n;
	}
}

enum qtest_result qtest_flush(struct qtest *q, struct deadline d)
{
	if (q->n_outstanding)
		q->trips++;
	return q->closed ? QTEST_CLOSED : converse(q, d, NULL);
}

/* Send a command and get its answer, which is "OK" and something (NULL: nothing) or a refusal. */
static enum qtest_result vask(struct qtest *q, struct deadline d, char **answer, const char *fmt,
			      va_list ap) __attribute__((format(printf, 4, 0)));
static enum qtest_result vask(struct qtest *q, struct deadline d, char **answer, const char *fmt,
			      va_list ap)
{
	enum qtest_result r;

	*answer = NULL;
	if (q->closed)
		return QTEST_CLOSED;
	vpost(q, fmt, ap);
	q->trips++;
	r = converse(q, d, answer);
	if (r != QTEST_OK)
		return r;
	if (strncmp(*answer, "FAIL ", 5) == 0 || strncmp(*answer, "ERR ", 4) == 0) {
		buf_clear(&q->why);
		text_printable(&q->why, *answer, strlen(*answer), EXCERPT);
		r = QTEST_FAIL;
	} else if (strcmp(*answer, "OK") != 0 && strncmp(*answer, "OK ", 3) != 0) {
		close_garbage(q, "no answer", *answer, strlen(*answer));
		r = QTEST_CLOSED;
	}
	if (r != QTEST_OK) {
		free(*answer);
		*answer = NULL;
	}
	return r;
}

enum qtest_result qtest_ask(struct qtest *q, struct deadline d, uint64_t *value, const char *fmt,
			    ...)
{
	enum qtest_result r;
	char *answer;
	va_list ap;

	va_start(ap, fmt);
	r = vask(q, d, &answer, fmt, ap);
	va_end(ap);
	if (r != QTEST_OK)
		return r;
	if (strncmp(answer, "OK 0x", 5) != 0 || !parse_number(answer + 5, 16, 16, value)) {
		close_garbage(q, "no number", answer, strlen(answer));
		r = QTEST_CLOSED;
	}
	free(answer);
	return r;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly @len bytes in hexadecimal. */
static bool parse_data(const char *hex, unsigned char *data, size_t len)
{
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		data[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static enum qtest_result ask_line(struct qtest *q, struct deadline d, char **answer,
				  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static enum qtest_result ask_line(struct qtest *q, struct deadline d, char **answer,
				  const char *fmt, ...)
{
	enum qtest_result r;
	va_list ap;

	va_start(ap, fmt);
	r = vask(q, d, answer, fmt, ap);
	va_end(ap);
	return r;
}

enum qtest_result qtest_ask_data(struct qtest *q, struct deadline d, uint64_t addr, void *data,
				 size_t len)
{
	enum qtest_result r = QTEST_OK;
	unsigned char *bytes = data;

	for (size_t n; len && r == QTEST_OK; addr += n, bytes += n, len -= n) {
		char *answer;

		n = len < DATA_MAX ? len : DATA_MAX;
		r = ask_line(q, d, &answer, "read 0x%llx 0x%zx", (unsigned long long)addr, n);
		if (r != QTEST_OK)
			break;
		if (strncmp(answer, "OK 0x", 5) != 0 || !parse_data(answer + 5, bytes, n)) {
			close_garbage(q, "no data", answer, strlen(answer));
			r = QTEST_CLOSED;
		}
		free(answer);
	}
	return r;
}

enum qtest_result qtest_do(struct qtest *q, struct deadline d, const char *fmt, ...)
{
	enum qtest_result r;
	char *answer;
	va_list ap;

	va_start(ap, fmt);
	r = vask(q, d, &answer, fmt, ap);
	va_end(ap);
	if (r == QTEST_OK && strcmp(answer, "OK") != 0) {
		close_garbage(q, "more than an OK", answer, strlen(answer));
		r = QTEST_CLOSED;
	}
	free(answer);
	return r;
}

void qtest_drain(struct qtest *q)
{
	char *stray;

	while (q->fd >= 0 && io_wait(q->fd, POLLIN, (struct deadline){0}))
		receive(q);
	if (!q->n_outstanding && (stray = next_answer(q))) {
		close_garbage(q, "an answer to nothing", stray, strlen(stray));
		free(stray);
	}
}
