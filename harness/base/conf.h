/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - read an ini file (inih): stanzas of keys, in order, with line numbers
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"

/** struct conf_key - name = value; a continued value is joined by a blank */
struct conf_key {
	char *name, *value;
	int line;
};

/** struct conf_stanza - [name] and its keys; @name is "" for keys before the first stanza */
struct conf_stanza {
	char *name;
	int line;
	struct conf_key *keys;
	size_t n;
};

struct conf {
	struct conf_stanza *stanzas;
	size_t n;
};

/** conf_read() - Read a file. False: one line in @why, with file and line number */
bool conf_read(struct conf *c, const char *path, struct buf *why);
/** conf_parse() - The same from text; @name stands for the file in messages */
bool conf_parse(struct conf *c, const char *name, const char *text, struct buf *why);
void conf_release(struct conf *c);

#endif
