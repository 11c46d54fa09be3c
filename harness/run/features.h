/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * features.h - every backend and every option that it has, and the trials that use it
 *
 * What a trial uses is read from what it hands QEMU: its plan's -chardev options and host ends, and
 * what its case's .chardevs says of texts that only its body makes.
 */
#ifndef RUN_FEATURES_H
#define RUN_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct matrix;

/** feature_known() - Is @option one of any backend, of all, or what names chardev and backend? */
bool feature_known(const char *option);
/** feature_backend_known() - Is there such a backend? */
bool feature_backend_known(const char *backend);
/** feature_member_known() - Is @member, of the data of QMP's chardev-add of a @backend, an option
 * of it or the name that the option has there? */
bool feature_member_known(const char *backend, const char *member);
/** features_table() - Append the table to @out: backend, option, how many trials that run use it,
 * one of them, or why there is none, or "uncovered". False: a trial uses what the table does not have; a line each in @why
 */
bool features_table(const struct matrix *m, struct buf *out, struct buf *why);

#endif
