/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refused.h - command lines that QEMU must refuse, as tables, and since when it says what */
#ifndef CASES_COMMANDLINE_REFUSED_H
#define CASES_COMMANDLINE_REFUSED_H

#include "harness/run/trial.h"

/**
 * struct refused_row - A command line that QEMU must refuse
 * @name:	value of the axis "row"
 * @before:	words before the option that is refused, blanks between; NULL: none
 * @option, @value: the option that is refused. PID in them is this process's number
 * @words:	all of stderr: lines that begin with "~" have the program's name and the option with its
 *		value in front, those that begin with "^" the program's name; others stand alone.
 *		ANYTHING: at least a line
 * @out:	what may be on stdout: text that it begins with; NULL: nothing
 */
struct refused_row {
	const char *name, *before, *option, *value;
	struct says words[3];
	const char *out;
};

#define BAD_ID                                                                                     \
	"~Parameter 'id' expects an identifier\n"                                                  \
	"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."
#define MON_WARNING                                                                                \
	"warning: '-mon' is deprecated, use '-object' with 'monitor-hmp' or 'monitor-qmp' types "  \
	"instead\n"

#define NO_SERIAL(device)   "~could not connect serial device to character backend '" device "'"
#define NO_PARALLEL(device) "~could not connect parallel device to character backend '" device "'"

#define ROW_OUT(name, out, before, option, value, ...)                                             \
	{                                                                                          \
		name, before, option, value, {__VA_ARGS__}, out                                    \
	}
#define ROW(name, before, option, value, ...)                                                      \
	ROW_OUT(name, NULL, before, option, value, __VA_ARGS__)

/** refused_judge() - Demand that QEMU refuses the trial's row: with exit status 1, with the row's
 * words, and without leaving anything behind */
void refused_judge(struct trial *t);
/** warned_judge() - Demand that QEMU starts, and says the row's words and no more */
void warned_judge(struct trial *t);
/** refused_lacks() - For .lacks: the optional backend of the row that this build has not */
const char *refused_lacks(const struct variant *v, const struct caps *caps);

/* A table and its case. */
#define REFUSED(area, claim, where, table)                                                         \
	CASE(refused_##area, .id = "refused." #area, .title = claim, .clause = where,              \
	     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL}, \
	     .rows = ROWS(table), .lacks = refused_lacks)                                          \
	{                                                                                          \
		refused_judge(t);                                                                  \
	}

#endif
