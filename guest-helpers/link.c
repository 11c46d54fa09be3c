/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.c - the name that udev gives a link made from a sysfs attribute. */
#include <ctype.h>
#include <string.h>

#include "helper.h"

/* Length of the valid UTF-8 sequence of two bytes or more at @s, or 0. */
static size_t utf8_len(const unsigned char *s)
{
	static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] >= 0xf0 && s[0] < 0xf8 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
	uint32_t c;

	if (!n || s[0] >= 0xf8)
		return 0;
	c = s[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

/* udev leaves "\xNN" alone: that is how it writes encoded bytes itself. */
static bool is_hex_escape(const char *s)
{
	return s[0] == '\\' && s[1] == 'x' && isxdigit((unsigned char)s[2]) &&
	       isxdigit((unsigned char)s[3]);
}

/* A link must stay below /dev/virtio-ports: no empty, "." or ".." component. */
static bool is_safe(const char *name)
{
	while (*name) {
		size_t n = strcspn(name, "/");

		if (!n || (n == 1 && name[0] == '.') || (n == 2 && !strncmp(name, "..", 2)))
			return false;
		name += n;
		if (*name == '/' && !*++name)
			return false;
	}
	return true;
}

/**
 * link_clean_name() - what udev makes of $attr{name} in SYMLINK
 * @name: the attribute's value
 * @out: the result
 * @size: of @out
 *
 * White space is cut off at both ends, and a run of it inside becomes one '_'. Letters, digits,
 * "#+-.:=@_/", "\xNN" and valid UTF-8 stay; any other byte becomes '_'.
 *
 * Returns false if there is no link to make.
 */
bool link_clean_name(const char *name, char *out, size_t size)
{
	size_t len = strlen(name), o = 0;

	while (len && isspace((unsigned char)name[len - 1]))
		len--;
	for (size_t i = strspn(name, " \t\n\v\f\r"); i < len && o + 5 < size;) {
		size_t keep = utf8_len((const unsigned char *)name + i);

		if (isspace((unsigned char)name[i])) {
			while (i < len && isspace((unsigned char)name[i]))
				i++;
			out[o++] = '_';
			continue;
		}
		if (!keep && is_hex_escape(name + i))
			keep = 4;
		if (!keep && (isalnum((unsigned char)name[i]) || strchr("#+-.:=@_/", name[i])))
			keep = 1;
		if (keep)
			memcpy(out + o, name + i, keep);
		else
			out[o] = '_';
		o += keep ? keep : 1;
		i += keep ? keep : 1;
	}
	out[o] = '\0';
	return o && is_safe(out);
}
