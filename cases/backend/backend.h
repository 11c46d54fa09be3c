/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backend.h - a device on a backend whose options are what is tested: a port, a console or a UART
 */
#ifndef CASES_BACKEND_H
#define CASES_BACKEND_H

#include "harness/run/traffic.h"

/** backend_add_device() - Plan the device of axis "device" on chardev @id */
void backend_add_device(const struct variant *v, struct plan *plan, const char *id);
/** backend_node() - Its node, as a helper's first words; NULL: it has none */
const char *backend_node(const struct variant *v);
/** backend_await_node() - Wait until the guest has it */
void backend_await_node(struct trial *t);
/** backend_bytes() - So many bytes that a host end of Linux's default size takes them all, read or
 * not: each byte of a UART is a write of its own, and a unix socket holds 278 of them. So nothing
 * is dropped or held up; a full backend is a case of its own */
uint64_t backend_bytes(const struct variant *v);

#endif
