/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape.h - any bytes made fit for a report: a trial's reason may quote what QEMU wrote to stderr
 *
 * A string that is NULL reads as an empty one.
 */
#ifndef REPORTS_ESCAPE_H
#define REPORTS_ESCAPE_H

#include "harness/base/buf.h"

/** escape_clean() - Append @s as UTF-8 that JSON, YAML and XML accept: U+FFFD for each byte that is
 * not UTF-8, \xNN or \uNNNN (as text) for control characters and line separators other than \n and
 * \t */
void escape_clean(struct buf *b, const char *s);
/** escape_line() - Clean, and on one line: blanks for line breaks and tabs, none at the ends. Cut
 * before a character that would make it longer than @max bytes, and " .." in its place */
void escape_line(struct buf *b, const char *s, size_t max);
/** escape_text() - Clean, as the text of an XML or HTML element */
void escape_text(struct buf *b, const char *s);
/** escape_attr() - Clean, as the value of an XML or HTML attribute; the quotes are the caller's */
void escape_attr(struct buf *b, const char *s);
/** escape_href() - As a relative URL: what is not plain, and thus any scheme, is percent-encoded */
void escape_href(struct buf *b, const char *path);

#endif
