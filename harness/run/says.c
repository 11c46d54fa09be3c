// SPDX-License-Identifier: GPL-2.0-or-later
/* says.c - what QEMU says, by version */
#include "harness/run/says.h"

#include <string.h>

#include "harness/vm/caps.h"

const char *says_now(const struct says *list, size_t n, const struct caps *caps)
{
	for (size_t i = 0; i < n && list[i].text; i++)
		if (!list[i].versions || caps_version_matches(caps, list[i].versions, NULL))
			return list[i].text;
	return NULL;
}

bool says_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++) {
		size_t digits = strspn(text, "0123456789");

		if (*pattern == '#' ? !digits : *text != *pattern)
			return false;
		text += *pattern == '#' ? digits : 1;
	}
	return !*text;
}
