/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refused.h - command lines that QEMU must refuse, as tables, and since when it says what */
#ifndef CASES_COMMANDLINE_REFUSED_H
#define CASES_COMMANDLINE_REFUSED_H

#include "harness/run/trial.h"

/**
 * struct refused_words - What QEMU says
 * @versions:	the versions that say so; NULL: all the others
 * @says:	all of stderr: lines that begin with "~" have the program's name and the option with its
 *		value in front, those that begin with "^" the program's name; others stand alone.
 *		ANYTHING: at least a line
 */
struct refused_words {
	const char *versions, *says;
};

#define ANYTHING "*"

/**
 * struct refused_row - A command line that QEMU must refuse
 * @name:	value of the axis "row"
 * @before:	words before the option that is refused, blanks between; NULL: none
 * @option, @value: the option that is refused. PID in them is this process's number
 * @words:	the first whose versions fit counts
 * @out:	what may be on stdout: text that it begins with; NULL: nothing
 */
struct refused_row {
	const char *name, *before, *option, *value;
	struct refused_words words[3];
	const char *out;
};

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

#define BAD_ID                                                                                     \
	"~Parameter 'id' expects an identifier\n"                                                  \
	"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."
#define MON_WARNING                                                                                \
	"warning: '-mon' is deprecated, use '-object' with 'monitor-hmp' or 'monitor-qmp' types "  \
	"instead\n"

#define NO_SERIAL(device)   "~could not connect serial device to character backend '" device "'"
#define NO_PARALLEL(device) "~could not connect parallel device to character backend '" device "'"

/* A row's words: those of the versions before one, those of all (others). */
#define TILL(before_version, says)                                                                 \
	{                                                                                          \
		before_version, says                                                               \
	}
#define EVER(says) TILL(NULL, says)
#define ROW_OUT(name, out, before, option, value, ...)                                             \
	{                                                                                          \
		name, before, option, value, {__VA_ARGS__}, out                                    \
	}
#define ROW(name, before, option, value, ...)                                                      \
	ROW_OUT(name, NULL, before, option, value, __VA_ARGS__)

/** refused_judge() - Demand that QEMU refuses the row of @rows that the trial is about: with exit
 * status 1, with the row's words, and without leaving anything behind */
void refused_judge(struct trial *t, const struct refused_row *rows, size_t n);
/** refused_lacks() - The optional backend of that row that this build has not. For .lacks */
const char *refused_lacks(const struct refused_row *rows, size_t n, const struct variant *v,
			  const struct caps *caps);

/* A table and its case. Its rows are its trials, whose names are those of the rows. */
#define REFUSED(area, claim, where, rows)                                                          \
	static const char *area##_row(size_t i)                                                    \
	{                                                                                          \
		return i < sizeof(rows) / sizeof(*(rows)) ? (rows)[i].name : NULL;                 \
	}                                                                                          \
	static const char *area##_lacks(const struct variant *v, const struct caps *caps)          \
	{                                                                                          \
		return refused_lacks(rows, sizeof(rows) / sizeof(*(rows)), v, caps);               \
	}                                                                                          \
	CASE(refused_##area, .id = "refused." #area, .title = claim, .clause = where,              \
	     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL}, \
	     .row = area##_row, .lacks = area##_lacks)                                             \
	{                                                                                          \
		refused_judge(t, rows, sizeof(rows) / sizeof(*(rows)));                            \
	}

#endif
