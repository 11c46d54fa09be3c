// SPDX-License-Identifier: GPL-2.0-or-later
/* buf.c - growable bytes and allocation that cannot fail */
#include "harness/base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"

/* Of a text that is not as it was wanted. */
#define UNLIKE_MAX 80

char buf_empty[1];

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		die("out of memory (%zu bytes)", size);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		die("out of memory (%zu x %zu bytes)", n, size);
	return p;
}

void *xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (!q)
		die("out of memory (%zu bytes)", size);
	return q;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		die("out of memory (formatted text)");
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_release(struct buf *b)
{
	if (b->cap)
		free(b->data);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->cap)
		b->data[0] = '\0';
}

char *buf_steal(struct buf *b)
{
	char *s = b->cap ? b->data : xstrdup("");

	buf_init(b);
	return s;
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t want = b->len + n + 1;

	if (want > b->cap) {
		size_t cap = b->cap ? b->cap : 64;

		while (cap < want)
			cap *= 2;
		b->data = xrealloc(b->cap ? b->data : NULL, cap);
		b->cap = cap;
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!len)
		return;
	memcpy(buf_reserve(b, len), data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	char *s = xvasprintf(fmt, ap);

	buf_addstr(b, s);
	free(s);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_clear(b);
		return;
	}
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

/* Append from @fd until its end; false with errno on an error. */
static bool buf_read_fd(struct buf *b, int fd)
{
	for (;;) {
		char *at = buf_reserve(b, 65536);
		ssize_t n = read(fd, at, 65536);

		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (n <= 0)
			return n == 0;
	}
}

bool buf_read_tail(struct buf *b, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool ok;
	int saved;

	if (fd < 0)
		return false;
	ok = fstat(fd, &st) == 0;
	if (ok && S_ISREG(st.st_mode) && (size_t)st.st_size > max)
		ok = lseek(fd, st.st_size - (off_t)max, SEEK_SET) >= 0;
	ok = ok && buf_read_fd(b, fd);
	saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

bool buf_read_file(struct buf *b, const char *path)
{
	return buf_read_tail(b, path, (size_t)-1 / 2);
}

void strv_push(struct strv *l, const char *s)
{
	l->v = xrealloc(l->v, (l->n + 2) * sizeof(*l->v));
	l->v[l->n++] = xstrdup(s);
	l->v[l->n] = NULL;
}

void strv_pushf(struct strv *l, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	strv_push(l, s);
	free(s);
}

void strv_pushl(struct strv *l, ...)
{
	const char *s;
	va_list ap;

	va_start(ap, l);
	while ((s = va_arg(ap, const char *)))
		strv_push(l, s);
	va_end(ap);
}

void strv_append(struct strv *l, const struct strv *more)
{
	for (size_t i = 0; i < more->n; i++)
		strv_push(l, more->v[i]);
}

void strv_split(struct strv *l, const char *s, const char *sep)
{
	while (*s) {
		size_t len = strcspn(s, sep), from = 0, to = len;

		while (from < to && isspace((unsigned char)s[from]))
			from++;
		while (to > from && isspace((unsigned char)s[to - 1]))
			to--;
		if (to > from) {
			char *piece = xstrndup(s + from, to - from);

			strv_push(l, piece);
			free(piece);
		}
		s += len;
		if (*s)
			s++;
	}
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

static int strv_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), strv_compare);
}

void strv_release(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv){NULL, 0};
}

void text_quote_sh(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=./:,@%";

	if (*s && !s[strspn(s, plain)]) {
		buf_addstr(b, s);
		return;
	}
	buf_addstr(b, "'");
	for (; *s; s++) {
		if (*s == '\'')
			buf_addstr(b, "'\\''");
		else
			buf_add(b, s, 1);
	}
	buf_addstr(b, "'");
}

void text_hex(struct buf *b, const void *data, size_t len, size_t max)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len && i < max; i++)
		buf_addf(b, "%s%02x", i ? " " : "", p[i]);
	if (len > max)
		buf_addstr(b, " ..");
}

void text_printable(struct buf *b, const void *data, size_t len, size_t max)
{
	static const char plain[] = "\n\r\t", letters[] = "nrt";
	const char *p = data;

	for (size_t i = 0; i < len && i < max; i++) {
		const char *known = p[i] ? strchr(plain, p[i]) : NULL;

		if (known)
			buf_addf(b, "\\%c", letters[known - plain]);
		else if (p[i] >= 0x20 && p[i] < 0x7f)
			buf_add(b, p + i, 1);
		else
			buf_addf(b, "\\x%02x", (unsigned char)p[i]);
	}
	if (len > max)
		buf_addstr(b, "..");
}

void text_unlike(struct buf *b, const void *is, size_t n_is, const char *more, const void *want,
		 size_t n_want)
{
	const char *p = is, *q = want;
	size_t same = 0;

	while (same < n_is && same < n_want && p[same] == q[same])
		same++;
	buf_addstr(b, "\"");
	text_printable(b, is, n_is, UNLIKE_MAX);
	buf_addf(b, "\" (%zu bytes%s), want \"", n_is, more);
	text_printable(b, want, n_want, UNLIKE_MAX);
	buf_addf(b, "\" (%zu bytes)", n_want);
	if (same >= UNLIKE_MAX)
		buf_addf(b, "; the first %zu are the same", same);
}

bool text_parse_u64(const char *s, unsigned long long *value)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*value = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0';
}

char *text_last_line(const char *s)
{
	size_t end = strlen(s), start;

	while (end && isspace((unsigned char)s[end - 1]))
		end--;
	for (start = end; start && s[start - 1] != '\n';)
		start--;
	return xstrndup(s + start, end - start);
}
