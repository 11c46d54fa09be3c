// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_link.c - the QMP socket, and the objects that come through it
 *
 * Everything that moves goes through one loop, qmp_link_wait(): cut whole objects out of what came,
 * file each (greeting, event, answer), look whether what is waited for has come, else poll. What
 * QEMU sends is never trusted: anything that is not QMP closes the connection with a sentence.
 */
#include "harness/host/qmp_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define OBJECT_MAX   (16U << 20) /* query-qmp-schema, the largest there is, has 250 KB */
#define EVENTS_MAX   100000
#define LOG_LINE_MAX 2000
#define READ_SIZE    65536

void qmp_link_log(struct qmp *q, const char *arrow, const char *data, size_t len)
{
	struct buf line = BUF_INIT;

	if (q->priv->log_fd < 0)
		return;
	buf_addf(&line, "[%8.3f] %s ", (double)(now_ns() - q->priv->born_ns) / 1e9, arrow);
	text_printable(&line, data, len, LOG_LINE_MAX);
	buf_addstr(&line, "\n");
	if (!io_write_all(q->priv->log_fd, line.data, line.len, deadline_in(60000)))
		die_errno("unable to write %s", q->log);
	buf_release(&line);
}

void qmp_link_close(struct qmp *q, const char *fmt, ...)
{
	char *reason;
	va_list ap;

	va_start(ap, fmt);
	reason = xvasprintf(fmt, ap);
	va_end(ap);
	buf_clear(&q->error_class);
	buf_clear(&q->error_desc);
	text_printable(&q->error_desc, reason, strlen(reason), LOG_LINE_MAX);
	free(reason);
	qmp_link_log(q, "--", q->error_desc.data, q->error_desc.len);
	q->closed = true;
	io_close(&q->fd);
	io_close(&q->listen_fd);
}

void qmp_link_init(struct qmp *q, const char *path, const char *log)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	*q = (struct qmp){.fd = -1, .log = log ? xstrdup(log) : NULL};
	buf_init(&q->answer);
	buf_init(&q->error_class);
	buf_init(&q->error_desc);
	q->priv = xcalloc(1, sizeof(*q->priv));
	buf_init(&q->priv->in);
	buf_init(&q->priv->out);
	q->priv->events_end = &q->priv->events;
	q->priv->pass_fd = q->priv->log_fd = -1;
	q->priv->born_ns = now_ns();
	if (log) {
		q->priv->log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (q->priv->log_fd < 0)
			die_errno("unable to open %s for writing", log);
	}
	if (strlen(path) >= sizeof(sa.sun_path))
		die("path of the QMP socket is too long: %s", path);
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

void qmp_link_release(struct qmp *q)
{
	struct qmp_private *p = q->priv;

	json_decref(p->value);
	json_decref(p->got);
	json_decref(p->greeting);
	while (p->events)
		qmp_link_free_event(qmp_link_unlink(p, &p->events));
	buf_release(&p->in);
	buf_release(&p->out);
	io_close(&p->log_fd);
	free(p);
	q->priv = NULL;
	io_close(&q->fd);
	io_close(&q->listen_fd);
	free(q->log);
	q->log = NULL;
	buf_release(&q->answer);
	buf_release(&q->error_class);
	buf_release(&q->error_desc);
}

enum qmp_result qmp_link_accept(struct qmp *q, int ended_fd, struct deadline d)
{
	if (q->closed)
		return QMP_CLOSED;
	/* It may have connected, said why it must go, and gone. */
	q->fd = io_accept(q->listen_fd, ended_fd, d);
	if (q->fd < 0 && errno == ETIMEDOUT)
		return QMP_TIMEOUT;
	if (q->fd < 0) {
		qmp_link_close(q, "QEMU ended before it opened its monitor");
		return QMP_CLOSED;
	}
	io_unlisten(&q->listen_fd); /* a name that leads nowhere is no evidence */
	return QMP_OK;
}

pid_t qmp_peer(const struct qmp *q)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(q->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		die_errno("SO_PEERCRED");
	return peer.pid;
}

/* Unlink the event at @at from the queue; the caller owns it. */
struct qmp_queued *qmp_link_unlink(struct qmp_private *p, struct qmp_queued **at)
{
	struct qmp_queued *e = *at;

	*at = e->next;
	if (!e->next)
		p->events_end = at;
	p->n_events--;
	return e;
}

void qmp_link_free_event(struct qmp_queued *e)
{
	free(e->name);
	json_decref(e->data);
	free(e);
}

/* Length of the object at the start of what came; 0: its end has not come yet. */
static size_t object_length(struct qmp_private *p)
{
	while (p->scanned < p->in.len) {
		char c = p->in.data[p->scanned++];

		if (p->escaped)
			p->escaped = false;
		else if (p->in_string && c == '\\')
			p->escaped = true;
		else if (c == '"')
			p->in_string = !p->in_string;
		else if (!p->in_string && (c == '{' || c == '['))
			p->depth++;
		else if (!p->in_string && (c == '}' || c == ']') && --p->depth == 0)
			return p->scanned;
	}
	return 0;
}

static json_t *parse(const char *text, size_t len, json_error_t *error)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_t *object = json_loadb(text, len, flags, error);

	/* QEMU's integers reach 2^64 - 1 (default values of properties), jansson's 2^63 - 1. */
	if (!object && json_error_code(error) == json_error_numeric_overflow)
		object = json_loadb(text, len, flags | JSON_DECODE_INT_AS_REAL, error);
	return object;
}

/* Cut the next whole object out of what came; NULL: there is none, or what came is garbage. */
static json_t *next_object(struct qmp *q)
{
	struct qmp_private *p = q->priv;
	struct buf excerpt = BUF_INIT;
	json_error_t error;
	json_t *object = NULL;
	size_t len;

	if (!p->scanned)
		buf_drop(&p->in, strspn(p->in.data, " \t\r\n"));
	if (!p->in.len || q->fd < 0)
		return NULL;
	len = p->in.data[0] == '{' ? object_length(p) : p->in.len;
	if (len) {
		qmp_link_log(q, "<-", p->in.data, len);
		object = parse(p->in.data, len, &error);
		if (!object || !json_is_object(object)) {
			text_printable(&excerpt, p->in.data, len, 100);
			qmp_link_close(q, "QEMU sent what is no JSON object: %s: \"%s\"",
				       object ? "an array" : error.text, excerpt.data);
			json_decref(object);
			object = NULL;
		}
		buf_drop(&p->in, len);
		p->scanned = p->depth = 0;
		p->in_string = p->escaped = false;
	} else if (p->in.len > OBJECT_MAX) {
		qmp_link_close(q, "QEMU sent an object of more than %u bytes", OBJECT_MAX);
	}
	buf_release(&excerpt);
	return object;
}

static void file_event(struct qmp *q, json_t *object)
{
	struct qmp_private *p = q->priv;
	json_t *name = json_object_get(object, "event"), *data = json_object_get(object, "data");
	struct qmp_queued *e;

	if (!json_is_string(name) || (data && !json_is_object(data))) {
		qmp_link_close(q, "QEMU sent a malformed event");
	} else if (p->n_events == EVENTS_MAX) {
		qmp_link_close(q, "QEMU sent more than %d events that nobody asked for",
			       EVENTS_MAX);
	} else {
		e = xcalloc(1, sizeof(*e));
		e->name = xstrdup(json_string_value(name));
		e->data = data ? json_incref(data) : json_object();
		*p->events_end = e;
		p->events_end = &e->next;
		p->n_events++;
	}
}

/* Answers come in the order of the commands, so one that is late belongs to a command given up. */
static void file_answer(struct qmp *q, json_t *object)
{
	struct qmp_private *p = q->priv;
	json_t *id = json_object_get(object, "id"), *error = json_object_get(object, "error");
	double n = json_number_value(id);

	if (error && (!json_is_string(json_object_get(error, "class")) ||
		      !json_is_string(json_object_get(error, "desc")))) {
		qmp_link_close(q, "QEMU sent a malformed error");
		return;
	}
	if (error && !id) /* it could not even parse the command */
		n = (double)(p->expect_id ? p->expect_id : p->answered_id + 1);
	if (!(n > (double)p->answered_id && n <= (double)p->sent_id &&
	      n == (double)(json_int_t)n)) {
		qmp_link_close(q, "QEMU sent an answer to a command that it was not given");
		return;
	}
	p->answered_id = (json_int_t)n;
	if (p->answered_id == p->expect_id)
		p->got = json_incref(object);
}

static void file_object(struct qmp *q, json_t *object)
{
	struct qmp_private *p = q->priv;
	json_t *greeting = json_object_get(object, "QMP");

	if (!p->greeting && json_is_object(greeting))
		p->greeting = json_incref(greeting);
	else if (!p->greeting)
		qmp_link_close(q, "QEMU sent something else before its greeting");
	else if (json_object_get(object, "event"))
		file_event(q, object);
	else if (!json_object_get(object, "return") != !json_object_get(object, "error"))
		file_answer(q, object);
	else
		qmp_link_close(q, "QEMU sent an object that is no event and no answer");
}

void qmp_link_digest(struct qmp *q)
{
	json_t *object;

	while ((object = next_object(q))) {
		file_object(q, object);
		json_decref(object);
	}
}

size_t qmp_link_receive(struct qmp *q)
{
	struct buf *in = &q->priv->in;
	char *room = buf_reserve(in, READ_SIZE);
	ssize_t n = recv(q->fd, room, READ_SIZE, MSG_DONTWAIT);

	if (n > 0) {
		in->len += (size_t)n;
		in->data[in->len] = '\0';
		return (size_t)n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0 && errno != ECONNRESET)
		die_errno("unable to read from the QMP socket");
	qmp_link_close(q, "QEMU closed the connection%s",
		       in->len ? " in the middle of an object" : "");
	return 0;
}

/* Send what the socket takes. That QEMU has gone is for the end of the input to tell. */
static void transmit(struct qmp *q)
{
	struct qmp_private *p = q->priv;
	struct iovec iov = {.iov_base = p->out.data, .iov_len = p->out.len};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	if (p->pass_fd >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &p->pass_fd, sizeof(int));
	}
	n = sendmsg(q->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		buf_drop(&p->out, (size_t)n);
	else if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		buf_clear(&p->out);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		die_errno("unable to write to the QMP socket");
	if (n > 0)
		p->pass_fd = -1;
}

/* The last look comes after the deadline, but it is one look: a QEMU that floods us ends it too. */
enum qmp_result qmp_link_wait(struct qmp *q, struct deadline d, struct qmp_until *u)
{
	for (bool late = false;; late = deadline_passed(d)) {
		struct pollfd pfd = {.fd = q->fd, .events = POLLIN};

		qmp_link_digest(q);
		if (u->met(q->priv, u))
			return QMP_OK;
		if (q->fd < 0 && !q->closed)
			buf_addstr(&q->error_desc, "QEMU has not connected");
		if (q->fd < 0)
			return QMP_CLOSED;
		if (q->priv->out.len)
			pfd.events |= POLLOUT;
		if (late || !io_poll(&pfd, 1, d))
			return QMP_TIMEOUT;
		if (pfd.revents & POLLOUT)
			transmit(q);
		if (pfd.revents & ~POLLOUT)
			qmp_link_receive(q);
	}
}
