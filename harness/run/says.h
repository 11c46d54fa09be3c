/* SPDX-License-Identifier: GPL-2.0-or-later */
/* says.h - what QEMU says, by version, for tables of cases; and since when it does */
#ifndef RUN_SAYS_H
#define RUN_SAYS_H

#include <stdbool.h>
#include <stddef.h>

struct caps;

/**
 * struct says - Words of some versions
 * @versions:	those (see caps_version_matches()); NULL: all
 * @text:	what they say
 */
struct says {
	const char *versions, *text;
};

/* Any words at all. */
#define ANYTHING "*"
/* Those of the versions before one; those of all (others): the first that fits counts. */
#define TILL(versions, text)                                                                       \
	{                                                                                          \
		versions, text                                                                     \
	}
#define EVER(text) TILL(NULL, text)

/** says_now() - What this build says; NULL: nothing in this list of @n, whose last may be empty,
 * is of its version */
const char *says_now(const struct says *list, size_t n, const struct caps *caps);

/** says_like() - Is @text @pattern, a # of which is a number? */
bool says_like(const char *text, const char *pattern);

/* Since when QEMU says what: docs/about/removed-features.rst and the @since of qapi/char.json, the
 * rest measured between the releases before and after (in the source: the release's). */
#define ALIASES_GONE   "qemu<8.0"  /* removed-features.rst: tty, parport */
#define IN_USE_NAMED   "qemu<8.0"  /* chardev/char-fe.c qemu_chr_fe_init(): "chardev '%s' is .." */
#define NEGATIVE_TOLD  "qemu<8.1"  /* util/cutils.c do_strtosz(): -ERANGE for negative sizes */
#define HAS_INPUT_PATH "qemu<8.1"  /* chardev/char-file.c input-path */
#define HAS_RECONN_MS  "qemu<9.2"  /* qapi/char.json reconnect-ms */
#define HAS_PTY_PATH   "qemu<9.2"  /* qapi/char.json ChardevPty */
#define HAS_HUB	       "qemu<10.0" /* qapi/char.json ChardevHub */
#define GDB_TOLD       "qemu<10.0" /* gdbstub/system.c gdbserver_start() */
#define RECONN_GONE    "qemu<10.2" /* removed-features.rst: reconnect */
#define HAS_TIMESTAMP  "qemu<11.0" /* qapi/char.json logtimestamp */
#define HAS_ENCODING   "qemu<11.1" /* qapi/char.json ChardevVC */
#define MON_DEPRECATED "qemu<11.1" /* docs/about/deprecated.rst -mon; qapi/qom.json monitor-hmp */

#endif
