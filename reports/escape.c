// SPDX-License-Identifier: GPL-2.0-or-later
/* escape.c - any bytes made fit for a report */
#include "reports/escape.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* The length of the well-formed UTF-8 sequence at @s and its code point; 0 when there is none. */
static size_t utf8_decode(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len;

	if (*s < 0x80) {
		*code = *s;
		return 1;
	}
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	len = *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	*code = *s & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0; /* the final NUL too ends here */
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

/*
 * YAML 1.1 breaks lines at U+2028 and U+2029, and XML knows neither U+FFFE nor most control
 * characters: such a character becomes text in place of itself.
 */
static size_t clean_one(struct buf *b, const char *s)
{
	uint32_t code;
	size_t len = utf8_decode((const unsigned char *)s, &code);

	if (!len || code == 0xfffe || code == 0xffff)
		buf_addstr(b, REPLACEMENT);
	else if ((code < 0x20 && code != '\n' && code != '\t') || code == 0x7f)
		buf_addf(b, "\\x%02x", (unsigned int)code);
	else if ((code >= 0x80 && code < 0xa0) || code == 0x2028 || code == 0x2029)
		buf_addf(b, "\\u%04x", (unsigned int)code);
	else
		buf_add(b, s, len);
	return len ? len : 1;
}

void escape_clean(struct buf *b, const char *s)
{
	if (!s)
		return;
	while (*s) {
		size_t plain = 0;

		while (s[plain] >= 0x20 && s[plain] < 0x7f)
			plain++;
		buf_add(b, s, plain);
		s += plain;
		if (*s)
			s += clean_one(b, s);
	}
}

void escape_line(struct buf *b, const char *s, size_t max)
{
	struct buf clean = BUF_INIT;
	size_t len;

	escape_clean(&clean, s);
	for (size_t i = 0; i < clean.len; i++)
		if (clean.data[i] == '\n' || clean.data[i] == '\t')
			clean.data[i] = ' ';
	s = clean.data + strspn(clean.data, " ");
	len = strlen(s);
	while (len && s[len - 1] == ' ')
		len--;
	if (len > max) {
		len = max;
		while (len && (s[len] & 0xc0) == 0x80)
			len--;
		buf_add(b, s, len);
		buf_addstr(b, " ..");
	} else {
		buf_add(b, s, len);
	}
	buf_release(&clean);
}

static void escape_markup(struct buf *b, const char *s, const char *special)
{
	struct buf clean = BUF_INIT;

	escape_clean(&clean, s);
	for (const char *p = clean.data; *p;) {
		size_t plain = strcspn(p, special);

		buf_add(b, p, plain);
		p += plain;
		if (*p == '&')
			buf_addstr(b, "&amp;");
		else if (*p == '<')
			buf_addstr(b, "&lt;");
		else if (*p == '>')
			buf_addstr(b, "&gt;");
		else if (*p)
			buf_addf(b, "&#%d;", *p);
		if (*p)
			p++;
	}
	buf_release(&clean);
}

void escape_text(struct buf *b, const char *s)
{
	escape_markup(b, s, "&<>");
}

/* Parsers turn a bare line break or tab in an attribute into a blank. */
void escape_attr(struct buf *b, const char *s)
{
	escape_markup(b, s, "&<>\"'\n\t");
}

void escape_href(struct buf *b, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~/@,=+";

	for (; path && *path; path++) {
		if (strchr(plain, *path))
			buf_add(b, path, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*path);
	}
}
