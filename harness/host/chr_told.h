/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chr_told.h - what QEMU tells of its chardevs: query-chardev
 *
 * A socket's "filename" begins with "disconnected:" as long as QEMU has not seen its host end come,
 * and what a device sends until then is dropped (qemu/chardev/char-socket.c
 * qemu_chr_compute_filename(), tcp_chr_write()).
 */
#ifndef HOST_CHR_TOLD_H
#define HOST_CHR_TOLD_H

#include "harness/host/qmp.h"

/** chr_told() - What it tells of the chardev @id under @key ("filename", "frontend-open"): *@value,
 * malloc'ed; NULL: there is no such chardev or key, or no answer, which is the result then */
enum qmp_result chr_told(struct qmp *q, struct deadline d, const char *id, const char *key,
			 char **value);
/** chr_await_told() - Ask until that begins with @text, or (@without) does no more; false: there is
 * no answer, or the deadline passed */
bool chr_await_told(struct qmp *q, struct deadline d, const char *id, const char *key,
		    const char *text, bool without);

#endif
