/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf.h - growable bytes, growable lists of strings, and allocation that cannot fail
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** xmalloc() and friends - As in libc, but running out of memory is a breakage (die) */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/**
 * struct buf - Bytes that grow
 * @data:	the bytes; always followed by a NUL that @len does not count; never NULL
 * @len:	how many bytes there are
 * @cap:	how many fit before the next allocation; 0: @data is not allocated
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

extern char buf_empty[1];
#define BUF_INIT                                                                                   \
	{                                                                                          \
		.data = buf_empty                                                                  \
	}

/** buf_init() - Make an empty buffer; BUF_INIT does the same in a declaration */
void buf_init(struct buf *b);
/** buf_release() - Free the bytes; the buffer is empty and usable again */
void buf_release(struct buf *b);
/** buf_clear() - Forget the bytes, keep the memory */
void buf_clear(struct buf *b);
/** buf_steal() - The bytes as a malloc'ed string that the caller frees; the buffer is empty now */
char *buf_steal(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/** buf_drop() - Remove the first @n bytes */
void buf_drop(struct buf *b, size_t n);
/** buf_reserve() - Room for @n more bytes at the returned place; then add them to @len */
char *buf_reserve(struct buf *b, size_t n);
/** buf_read_file() - Append a whole file; false with errno set when it cannot be read */
bool buf_read_file(struct buf *b, const char *path);
/** buf_read_tail() - Append at most the last @max bytes of a file; false with errno */
bool buf_read_tail(struct buf *b, const char *path, size_t max);

/**
 * struct strv - A list of strings that it owns, NULL-terminated as execv() wants it
 * @v:	@n strings and a NULL; NULL when the list never held one
 */
struct strv {
	char **v;
	size_t n;
};

void strv_push(struct strv *l, const char *s);
void strv_pushf(struct strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** strv_pushl() - Append the strings up to a NULL */
void strv_pushl(struct strv *l, ...) __attribute__((sentinel));
void strv_append(struct strv *l, const struct strv *more);
/** strv_split() - Append the pieces of @s between any of the characters @sep; no empty pieces,
 * blanks around a piece cut off */
void strv_split(struct strv *l, const char *s, const char *sep);
bool strv_has(const struct strv *l, const char *s);
void strv_sort(struct strv *l);
void strv_release(struct strv *l);

/** text_quote_sh() - Append @s so that a POSIX shell reads it as one word */
void text_quote_sh(struct buf *b, const char *s);
/** text_hex() - Append at most @max bytes as hexadecimal with blanks, .. when some are left out */
void text_hex(struct buf *b, const void *data, size_t len, size_t max);
/** text_printable() - Append at most @max bytes as one line of ASCII, .. when some are left out.
 * Newlines become \n, tabs \t, others that cannot be printed \xNN: to be read, not to be undone */
void text_printable(struct buf *b, const void *data, size_t len, size_t max);
/** text_unlike() - Append of two texts that are to be the same: "IS" (n bytes), want "WANT" (n
 * bytes), the beginnings of both, and where they part if that is behind these; @more: behind the
 * first number */
void text_unlike(struct buf *b, const void *is, size_t n_is, const char *more, const void *want,
		 size_t n_want);
/** text_parse_u64() - A whole decimal number and nothing else; false when it is not */
bool text_parse_u64(const char *s, unsigned long long *value);
/** text_last_line() - malloc'ed copy of the last line of @s that is not empty ("" if none) */
char *text_last_line(const char *s);

#endif
