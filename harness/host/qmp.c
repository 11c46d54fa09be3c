// SPDX-License-Identifier: GPL-2.0-or-later
/* qmp.c - QMP commands, events and values; qmp_link.c has what is below them */
#include "harness/host/qmp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "harness/base/die.h"
#include "harness/host/qmp_link.h"

void qmp_init(struct qmp *q, const char *path, const char *log)
{
	qmp_link_init(q, path, log);
}

void qmp_release(struct qmp *q)
{
	qmp_link_release(q);
}

/* There is nothing to get: what every call starts from. Why the connection ended stays known. */
static void forget_value(struct qmp *q)
{
	json_decref(q->priv->value);
	q->priv->value = NULL;
	buf_clear(&q->answer);
	buf_clear(&q->error_class);
	if (!q->closed)
		buf_clear(&q->error_desc);
}

/* No command is under way any more: its answer is dropped, if it comes. */
static void forget_answer(struct qmp *q)
{
	forget_value(q);
	json_decref(q->priv->got);
	q->priv->got = NULL;
	q->priv->expect_id = 0;
}

/* The text of a value: strings as they are, integers that had to become doubles as integers. */
static void value_text(const json_t *v, struct buf *out)
{
	double real = json_real_value(v);
	char *text;

	if (json_is_string(v)) {
		buf_add(out, json_string_value(v), json_string_length(v));
	} else if (json_is_real(v) && real > -0x1p53 && real < 0x1p53 &&
		   real == (double)(long long)real) {
		buf_addf(out, "%.0f", real);
	} else {
		text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		if (!text)
			die("out of memory (JSON)");
		buf_addstr(out, text);
		free(text);
	}
}

static json_t *lookup(json_t *v, const char *path)
{
	while (v && *path) {
		size_t n = strcspn(path, ".");
		char *word = xstrndup(path, n);
		unsigned long long i;

		if (json_is_array(v))
			v = text_parse_u64(word, &i) ? json_array_get(v, i) : NULL;
		else
			v = json_object_get(v, word);
		free(word);
		path += n;
		if (*path && !*++path)
			return NULL; /* "a." names nothing */
	}
	return v;
}

static bool text_at_is(json_t *v, const char *path, const char *want)
{
	struct buf text = BUF_INIT;
	bool same;

	v = lookup(v, path);
	if (v)
		value_text(v, &text);
	same = v && text.len == strlen(want) && memcmp(text.data, want, text.len) == 0;
	buf_release(&text);
	return same;
}

/* @value becomes the answer. */
static void set_answer(struct qmp *q, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text)
		die("out of memory (JSON)");
	json_decref(q->priv->value);
	q->priv->value = json_incref(value);
	buf_clear(&q->answer);
	buf_addstr(&q->answer, text);
	free(text);
}

static bool until_greeted(struct qmp_private *p, struct qmp_until *u)
{
	(void)u;
	return p->greeting;
}

static bool until_sent(struct qmp_private *p, struct qmp_until *u)
{
	(void)u;
	return !p->out.len;
}

static bool until_answered(struct qmp_private *p, struct qmp_until *u)
{
	(void)u;
	return p->got;
}

static bool until_event(struct qmp_private *p, struct qmp_until *u)
{
	for (u->at = &p->events; *u->at; u->at = &(*u->at)->next)
		if (strcmp((*u->at)->name, u->name) == 0 &&
		    (!u->key || text_at_is((*u->at)->data, u->key, u->value)))
			return true;
	return false;
}

enum qmp_result qmp_accept(struct qmp *q, int ended_fd, struct deadline d)
{
	struct qmp_until greeted = {.met = until_greeted};
	enum qmp_result r;

	forget_answer(q);
	r = qmp_link_accept(q, ended_fd, d);
	if (r == QMP_OK)
		r = qmp_link_wait(q, d, &greeted);
	if (r == QMP_OK)
		r = qmp_cmd(q, d, "qmp_capabilities", NULL);
	if (r == QMP_OK)
		set_answer(q, q->priv->greeting);
	return r;
}

/* The arguments are ours: if they are no JSON object, the case that made them is broken. */
static char *format_args(const char *command, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static char *format_args(const char *command, const char *fmt, va_list ap)
{
	char *args = xvasprintf(fmt, ap);
	json_error_t error;
	json_t *v = json_loads(args, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);

	if (!json_is_object(v))
		die("arguments of QMP %s are no JSON object: %s: %s", command,
		    v ? "an array" : error.text, args);
	json_decref(v);
	for (char *p = args; (p = strchr(p, '\n'));)
		*p = ' '; /* outside strings, as JSON has it: one command, one line */
	return args;
}

/* Take over the answer that came: the value under "return", or the error. */
static enum qmp_result adopt_answer(struct qmp *q)
{
	json_t *value = json_object_get(q->priv->got, "return");
	json_t *error = json_object_get(q->priv->got, "error");

	set_answer(q, value ? value : error);
	if (value)
		return QMP_OK;
	value_text(json_object_get(error, "class"), &q->error_class);
	value_text(json_object_get(error, "desc"), &q->error_desc);
	return QMP_ERROR;
}

/* Put a command on its way; its answer is what expect_id waits for from now on. */
static enum qmp_result submit(struct qmp *q, struct deadline d, int fd, const char *command,
			      const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static enum qmp_result submit(struct qmp *q, struct deadline d, int fd, const char *command,
			      const char *fmt, va_list ap)
{
	struct qmp_until sent = {.met = until_sent};
	struct qmp_private *p = q->priv;
	enum qmp_result r;
	char *args;

	forget_answer(q);
	/* A command that timed out may be half sent: its rest comes first. */
	r = q->fd < 0 ? QMP_CLOSED : qmp_link_wait(q, d, &sent);
	if (q->fd < 0 && !q->closed)
		buf_addstr(&q->error_desc, "QEMU has not connected");
	if (r != QMP_OK)
		return r;
	buf_addstr(&p->out, "{\"execute\":");
	qmp_quote(&p->out, command);
	if (fmt) {
		args = format_args(command, fmt, ap);
		buf_addf(&p->out, ",\"arguments\":%s", args);
		free(args);
	}
	p->expect_id = ++p->sent_id;
	buf_addf(&p->out, ",\"id\":%" JSON_INTEGER_FORMAT "}", p->sent_id);
	qmp_link_log(q, "->", p->out.data, p->out.len);
	buf_addstr(&p->out, "\n");
	p->pass_fd = fd;
	return QMP_OK;
}

enum qmp_result qmp_answer(struct qmp *q, struct deadline d)
{
	struct qmp_until answered = {.met = until_answered};
	struct qmp_private *p = q->priv;
	enum qmp_result r = qmp_link_wait(q, d, &answered);

	if (p->pass_fd >= 0) {
		/* Not a byte was taken. The descriptor is the caller's: never send it later. */
		p->pass_fd = -1;
		buf_clear(&p->out);
	}
	p->expect_id = 0;
	return r == QMP_OK ? adopt_answer(q) : r;
}

enum qmp_result qmp_send(struct qmp *q, struct deadline d, const char *command,
			 const char *args_fmt, ...)
{
	struct qmp_until sent = {.met = until_sent};
	enum qmp_result r;
	va_list ap;

	va_start(ap, args_fmt);
	r = submit(q, d, -1, command, args_fmt, ap);
	va_end(ap);
	return r == QMP_OK ? qmp_link_wait(q, d, &sent) : r;
}

enum qmp_result qmp_cmd(struct qmp *q, struct deadline d, const char *command, const char *args_fmt,
			...)
{
	enum qmp_result r;
	va_list ap;

	va_start(ap, args_fmt);
	r = submit(q, d, -1, command, args_fmt, ap);
	va_end(ap);
	return r == QMP_OK ? qmp_answer(q, d) : r;
}

enum qmp_result qmp_cmd_fd(struct qmp *q, struct deadline d, int fd, const char *command,
			   const char *args_fmt, ...)
{
	enum qmp_result r;
	va_list ap;

	va_start(ap, args_fmt);
	r = submit(q, d, fd, command, args_fmt, ap);
	va_end(ap);
	return r == QMP_OK ? qmp_answer(q, d) : r;
}

enum qmp_result qmp_hmp(struct qmp *q, struct deadline d, const char *line_fmt, ...)
{
	struct buf quoted = BUF_INIT;
	enum qmp_result r;
	va_list ap;
	char *line;

	va_start(ap, line_fmt);
	line = xvasprintf(line_fmt, ap);
	va_end(ap);
	qmp_quote(&quoted, line);
	free(line);
	r = qmp_cmd(q, d, "human-monitor-command", "{\"command-line\":%s}", quoted.data);
	buf_release(&quoted);
	if (r == QMP_OK && !json_is_string(q->priv->value)) {
		forget_answer(q);
		qmp_link_close(q, "human-monitor-command returned something else than text");
		return QMP_CLOSED;
	}
	if (r == QMP_OK) {
		buf_clear(&q->answer);
		value_text(q->priv->value, &q->answer);
	}
	return r;
}

void qmp_quote(struct buf *b, const char *s)
{
	buf_addstr(b, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			buf_addf(b, "\\u%04x", (unsigned)*s);
		else
			buf_add(b, s, 1);
	}
	buf_addstr(b, "\"");
}

char *qmp_get(const struct qmp *q, const char *path)
{
	json_t *v = lookup(q->priv->value, path);
	struct buf bytes = BUF_INIT, text = BUF_INIT;

	if (!v)
		return NULL;
	value_text(v, &bytes);
	/* A C string cannot hold a NUL; leaving the rest out would be a lie. */
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i])
			buf_add(&text, bytes.data + i, 1);
		else
			buf_addstr(&text, "\\u0000");
	buf_release(&bytes);
	return buf_steal(&text);
}

int qmp_count(const struct qmp *q, const char *path)
{
	json_t *v = lookup(q->priv->value, path);

	if (json_is_object(v))
		return (int)json_object_size(v);
	return json_is_array(v) ? (int)json_array_size(v) : -1;
}

int qmp_find(const struct qmp *q, const char *path, const char *key, const char *value)
{
	json_t *v = lookup(q->priv->value, path);

	for (size_t i = 0; i < json_array_size(v); i++)
		if (text_at_is(json_array_get(v, i), key, value))
			return (int)i;
	return -1;
}

enum qmp_result qmp_event(struct qmp *q, struct deadline d, const char *name, const char *key,
			  const char *value)
{
	struct qmp_until event = {.met = until_event, .name = name, .key = key, .value = value};
	struct qmp_queued *e;
	enum qmp_result r;

	forget_value(q);
	r = qmp_link_wait(q, d, &event);
	if (r != QMP_OK)
		return r;
	e = qmp_link_unlink(q->priv, event.at);
	set_answer(q, e->data);
	qmp_link_free_event(e);
	return QMP_OK;
}

void qmp_forget_events(struct qmp *q)
{
	struct qmp_private *p = q->priv;
	size_t n = 1;
	int there = 0;

	/* What is there now, not what comes while we read: that might never end. */
	if (q->fd >= 0 && ioctl(q->fd, FIONREAD, &there) < 0)
		die_errno("ioctl FIONREAD on the QMP socket");
	for (size_t left = (size_t)there; left && n && q->fd >= 0; left -= n < left ? n : left) {
		n = qmp_link_receive(q);
		qmp_link_digest(q);
	}
	while (p->events)
		qmp_link_free_event(qmp_link_unlink(p, &p->events));
}

void qmp_result_text(const struct qmp *q, enum qmp_result r, const char *command, struct buf *b)
{
	buf_addf(b, "QMP %s", command);
	switch (r) {
	case QMP_OK:
		buf_addstr(b, " succeeded");
		break;
	case QMP_ERROR:
		buf_addf(b, " refused: %s: %s", q->error_class.data, q->error_desc.data);
		break;
	case QMP_TIMEOUT:
		buf_addstr(b, ": nothing came before the deadline");
		break;
	case QMP_CLOSED:
		buf_addf(b, ": %s", q->error_desc.data);
		break;
	}
}
