// SPDX-License-Identifier: GPL-2.0-or-later
/* qtest_ask.c - QEMU's qtest commands and what they answer */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/virtio/qtest.h"
#include "harness/virtio/qtest_private.h"

/* Posted commands are sent at the latest when there are so many bytes of them. */
#define POST_MAX 32768

/* Put a command, already at the end of @out from @from on, among those that await an answer. */
static void posted(struct qtest *q, size_t from, char how)
{
	size_t len = q->out.len - from;

	qtest_log(q, q->out.data + from, len);
	buf_add(&q->outstanding, &how, 1);
	/* Of the long ones the start is enough for a message. */
	if (len > QTEST_EXCERPT) {
		buf_add(&q->outstanding, q->out.data + from, QTEST_EXCERPT);
		buf_addstr(&q->outstanding, "..\n");
	} else {
		buf_add(&q->outstanding, q->out.data + from, len);
	}
	q->n_outstanding++;
}

static void vpost(struct qtest *q, char how, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
static void vpost(struct qtest *q, char how, const char *fmt, va_list ap)
{
	size_t from = q->out.len;

	if (q->closed)
		return;
	buf_vaddf(&q->out, fmt, ap);
	buf_addstr(&q->out, "\n");
	posted(q, from, how);
}

void qtest_post(struct qtest *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpost(q, QTEST_PLAIN, fmt, ap);
	va_end(ap);
	if (q->out.len > POST_MAX)
		(void)qtest_flush(q, deadline_in(10000)); /* a failure stays in @closed */
}

void qtest_post_data(struct qtest *q, uint64_t addr, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	while (len && !q->closed) {
		size_t n = len < QTEST_DATA_MAX ? len : QTEST_DATA_MAX, from = q->out.len;
		char *room;

		buf_addf(&q->out, "write 0x%llx 0x%zx 0x", (unsigned long long)addr, n);
		room = buf_reserve(&q->out, 2 * n);
		for (size_t i = 0; i < n; i++) {
			room[2 * i] = digits[bytes[i] >> 4];
			room[2 * i + 1] = digits[bytes[i] & 15];
		}
		q->out.len += 2 * n;
		buf_addstr(&q->out, "\n");
		posted(q, from, QTEST_PLAIN);
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
	return q->closed ? QTEST_CLOSED : qtest_converse(q, d, NULL);
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
	vpost(q, QTEST_PLAIN, fmt, ap);
	q->trips++;
	r = qtest_converse(q, d, answer);
	if (r != QTEST_OK)
		return r;
	if (strncmp(*answer, "FAIL ", 5) == 0 || strncmp(*answer, "ERR ", 4) == 0) {
		buf_clear(&q->why);
		text_printable(&q->why, *answer, strlen(*answer), QTEST_EXCERPT);
		r = QTEST_FAIL;
	} else if (strcmp(*answer, "OK") != 0 && strncmp(*answer, "OK ", 3) != 0) {
		qtest_garbage(q, "no answer", *answer, strlen(*answer));
		r = QTEST_CLOSED;
	}
	if (r != QTEST_OK) {
		free(*answer);
		*answer = NULL;
	}
	return r;
}

static enum qtest_result number(struct qtest *q, const char *answer, uint64_t *value)
{
	if (strncmp(answer, "OK 0x", 5) == 0 && qtest_parse_number(answer + 5, 16, 16, value))
		return QTEST_OK;
	qtest_garbage(q, "no number", answer, strlen(answer));
	return QTEST_CLOSED;
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
	r = number(q, answer, value);
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

static enum qtest_result bytes_of(struct qtest *q, const char *answer, unsigned char *data,
				  size_t len)
{
	if (strncmp(answer, "OK 0x", 5) == 0 && parse_data(answer + 5, data, len))
		return QTEST_OK;
	qtest_garbage(q, "no data", answer, strlen(answer));
	return QTEST_CLOSED;
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

		n = len < QTEST_DATA_MAX ? len : QTEST_DATA_MAX;
		r = ask_line(q, d, &answer, "read 0x%llx 0x%zx", (unsigned long long)addr, n);
		if (r != QTEST_OK)
			break;
		r = bytes_of(q, answer, bytes, n);
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
		qtest_garbage(q, "more than an OK", answer, strlen(answer));
		r = QTEST_CLOSED;
	}
	free(answer);
	return r;
}

void qtest_later(struct qtest *q, const char *fmt, ...)
{
	va_list ap;

	if (q->collected)
		strv_release(&q->answers);
	q->collected = false;
	va_start(ap, fmt);
	vpost(q, QTEST_KEPT, fmt, ap);
	va_end(ap);
}

enum qtest_result qtest_collect(struct qtest *q, struct deadline d)
{
	q->collected = true;
	return qtest_flush(q, d);
}

enum qtest_result qtest_number(struct qtest *q, size_t nth, uint64_t *value)
{
	return nth < q->answers.n ? number(q, q->answers.v[nth], value) : QTEST_CLOSED;
}

enum qtest_result qtest_bytes(struct qtest *q, size_t nth, void *data, size_t len)
{
	return nth < q->answers.n ? bytes_of(q, q->answers.v[nth], data, len) : QTEST_CLOSED;
}
