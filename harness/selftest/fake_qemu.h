/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_qemu.h - between the two halves of the fake QEMU: how it misbehaves, and what it answers
 */
#ifndef SELFTEST_FAKE_QEMU_H
#define SELFTEST_FAKE_QEMU_H

#include "harness/base/buf.h"

extern unsigned fake_version[3];
extern struct buf fake_package;
extern struct strv fake_chardevs;
extern const char *fake_run_state;

/** fake_mode() - The text behind @key in FAKE_QEMU ("" when there is none); NULL: it is not there
 */
const char *fake_mode(const char *key);
/** fake_send_event() - Send an event; @data is the inside of a JSON object */
void fake_send_event(const char *name, const char *data);
/** fake_arg() - The string behind "@key": in @line; "" if there is none. Good for seven more calls
 */
const char *fake_arg(const char *line, const char *key);
/** fake_verb() - Do a command: append what goes under "return" (nothing: {}), or say why not */
const char *fake_verb(const char *command, const char *line, struct buf *out);

#endif
