// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tap.c - strict TAP reader
 *
 * Bytes gather in @line until a newline comes, and a whole line is judged at once, so that it
 * cannot matter how the stream was cut. The first error of form is kept; later lines are still
 * counted, because tests and diagnostics behind it are evidence.
 */
#include "harness/vm/tap.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/die.h"

#define QUOTE_MAX 80

void tap_init(struct tap *t)
{
	*t = (struct tap){.plan = -1};
	buf_init(&t->first_failure);
	buf_init(&t->skip);
	buf_init(&t->error);
	buf_init(&t->diag);
	buf_init(&t->line);
}

void tap_release(struct tap *t)
{
	buf_release(&t->first_failure);
	buf_release(&t->skip);
	buf_release(&t->error);
	buf_release(&t->diag);
	buf_release(&t->line);
}

/* Append the line that has come so far, in quotes: it becomes part of a one-line message. */
static void quote_line(struct buf *b, const struct tap *t)
{
	buf_addstr(b, "\"");
	text_printable(b, t->line.data, t->line.len, QUOTE_MAX);
	buf_addstr(b, "\"");
}

static void form_error(struct tap *t, const char *what)
{
	if (t->error.len)
		return;
	buf_addf(&t->error, "%s: ", what);
	quote_line(&t->error, t);
}

/* A decimal number without leading zeros that fits an int, and where it ends; -1: there is none. */
static int number(const char *s, const char **end)
{
	int n = 0;

	if (!isdigit((unsigned char)*s) || (*s == '0' && isdigit((unsigned char)s[1])))
		return -1;
	for (; isdigit((unsigned char)*s); s++) {
		if (n > (INT_MAX - 9) / 10)
			return -1;
		n = n * 10 + (*s - '0');
	}
	*end = s;
	return n;
}

/* Does @s begin with @word (any case) as a word of its own? */
static bool begins_with_word(const char *s, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(s, word, len) == 0 && (!s[len] || s[len] == ' ');
}

/*
 * Where the directive begins: an unescaped '#' behind a blank, then SKIP or TODO; NULL: there is
 * none. *word is where it says which, *reason what follows.
 */
static const char *directive(const char *s, const char **word, const char **reason)
{
	bool escaped = false;

	for (const char *p = s; *p; p++) {
		if (*p == '#' && !escaped && p > s && p[-1] == ' ') {
			*word = p + 1 + strspn(p + 1, " ");
			if (begins_with_word(*word, "SKIP") || begins_with_word(*word, "TODO")) {
				*reason = *word + 4 + strspn(*word + 4, " ");
				return p;
			}
		}
		escaped = *p == '\\' && !escaped;
	}
	return NULL;
}

static void remember_failure(struct tap *t, int n, const char *text)
{
	t->failed++;
	if (t->failed == 1 && !t->bailed)
		buf_addf(&t->first_failure, "%d - %s", n, *text ? text : "(no text)");
}

/* "ok N - text" and "not ok N - text"; false: the line is neither. */
static bool line_test(struct tap *t, const char *s)
{
	bool ok = strncmp(s, "not ", 4) != 0;
	const char *hash, *word, *reason;
	int n;

	if (!ok)
		s += 4;
	if (strncmp(s, "ok ", 3) != 0)
		return false;
	n = number(s + 3, &s);
	if (n < 0)
		return false;
	hash = directive(s, &word, &reason);
	if (strncmp(s, " - ", 3) == 0)
		s += 3;
	else if (*s && hash != s + 1)
		return false;
	if (n != t->count + 1)
		form_error(t, "test out of order");
	t->count++;
	t->after_test = true;
	if (!ok && !hash)
		remember_failure(t, n, s);
	return true;
}

/* "1..N" and "1..0 # SKIP reason"; false: the line is neither. */
static bool line_plan(struct tap *t, const char *s)
{
	const char *word, *reason = NULL;
	int n;

	if (strncmp(s, "1..", 3) != 0)
		return false;
	n = number(s + 3, &s);
	if (n < 0)
		return false;
	if (*s)
		if (n || directive(s, &word, &reason) != s + 1 || !begins_with_word(word, "SKIP"))
			return false;
	if (t->plan >= 0) {
		form_error(t, "second plan");
		return true;
	}
	t->plan = n;
	t->plan_last = t->count > 0;
	if (reason)
		buf_addstr(&t->skip, *reason ? reason : "no reason given");
	return true;
}

static bool line_bail(struct tap *t, const char *s)
{
	static const char word[] = "Bail out!";

	if (strncmp(s, word, sizeof(word) - 1) != 0)
		return false;
	s += sizeof(word) - 1;
	if (*s && *s != ' ')
		return false;
	t->bailed = true;
	buf_clear(&t->first_failure);
	buf_addstr(&t->first_failure, s + strspn(s, " "));
	return true;
}

/* Inside a YAML block, or at its first line; false: this line has nothing to do with YAML. */
static bool line_yaml(struct tap *t, const char *s)
{
	if (!t->in_yaml) {
		t->in_yaml = t->after_test && strcmp(s, "  ---") == 0;
		return t->in_yaml;
	}
	if (strcmp(s, "  ...") == 0)
		t->in_yaml = false;
	else if (*s && strncmp(s, "  ", 2) != 0) {
		form_error(t, "line in a YAML block is not indented");
		t->in_yaml = false;
		return false;
	}
	return true;
}

static void judge_line(struct tap *t)
{
	const char *s = t->line.data;
	bool after_test;

	if (t->line.len > TAP_LINE_MAX) {
		form_error(t, "line longer than 65536 bytes");
		return;
	}
	if (t->line.len && s[t->line.len - 1] == '\r')
		t->line.data[--t->line.len] = '\0';
	if (strlen(s) != t->line.len) {
		form_error(t, "line with a NUL byte");
		return;
	}
	if (!t->version_seen) {
		if (strcmp(s, "TAP version 13") != 0 && strcmp(s, "TAP version 14") != 0)
			form_error(t, "first line is not a TAP version");
		t->version_seen = true; /* say so once */
		return;
	}
	if (line_yaml(t, s) || !*s)
		return;
	if (t->bailed)
		form_error(t, "line after \"Bail out!\"");
	else if (t->plan_last && strncmp(s, "Bail out!", 9) != 0)
		form_error(t, "line after the plan");
	after_test = t->after_test;
	t->after_test = false;
	if (*s == '#') {
		buf_addf(&t->diag, "%s\n", s);
		t->after_test = after_test;
	} else if (!line_test(t, s) && !line_plan(t, s) && !line_bail(t, s)) {
		form_error(t, "unexpected line");
	}
}

void tap_add(struct tap *t, const char *data, size_t len)
{
	if (t->ended)
		die("tap_add() after tap_end()");
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t n = newline ? (size_t)(newline - data) : len;
		/* One byte beyond the limit tells that it is passed; the rest need not be kept. */
		size_t room = TAP_LINE_MAX + 1 - t->line.len;

		buf_add(&t->line, data, n < room ? n : room);
		if (!newline)
			return;
		judge_line(t);
		buf_clear(&t->line);
		data += n + 1;
		len -= n + 1;
	}
}

/* The sentence about a stream whose form is right but which is not complete; false: it is. */
static bool incomplete(struct tap *t, struct buf *why)
{
	const char *s = t->count == 1 ? "" : "s";

	if (t->line.len) {
		buf_addstr(why, "stream ends in the middle of a line: ");
		quote_line(why, t);
	} else if (!t->version_seen) {
		buf_addstr(why, "stream is empty");
	} else if (t->in_yaml) {
		buf_addf(why, "stream ends inside a YAML block after %d test%s", t->count, s);
	} else if (t->plan < 0) {
		buf_addf(why, "stream ends without a plan after %d test%s", t->count, s);
	} else if (t->plan != t->count) {
		buf_addf(why, "planned %d, ran %d", t->plan, t->count);
	} else if (t->skip.len) {
		buf_addf(why, "everything skipped: %s", t->skip.data);
	} else if (!t->plan) {
		buf_addstr(why, "planned 0 tests without a SKIP reason");
	} else {
		return false;
	}
	return true;
}

bool tap_end(struct tap *t, struct buf *why)
{
	t->ended = true;
	if (t->error.len) {
		buf_addstr(why, t->error.data);
	} else if (t->bailed) {
		buf_addstr(why, "bailed out: ");
		if (t->first_failure.len)
			buf_addstr(why, t->first_failure.data);
		else
			buf_addstr(why, "no reason given");
	} else if (!incomplete(t, why)) {
		if (!t->failed)
			return true;
		buf_addf(why, "%d of %d tests failed, first: %s", t->failed, t->count,
			 t->first_failure.data);
	} else if (t->failed) {
		buf_addf(why, "; %d failed, first: %s", t->failed, t->first_failure.data);
	}
	return false;
}

char *tap_diag(const struct tap *t, const char *key)
{
	size_t len = strlen(key);

	for (const char *s = t->diag.data; *s;) {
		const char *end = s + strcspn(s, "\n");

		if (strncmp(s, "# ", 2) == 0 && strncmp(s + 2, key, len) == 0) {
			const char *text = s + 2 + len;

			if (text == end)
				return xstrdup("");
			if (*text == ' ')
				return xstrndup(text + 1, (size_t)(end - text - 1));
		}
		s = end + 1;
	}
	return NULL;
}
