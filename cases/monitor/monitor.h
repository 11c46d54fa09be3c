/* SPDX-License-Identifier: GPL-2.0-or-later */
/* monitor.h - what the cases of QMP and HMP commands share */
#ifndef CASES_MONITOR_MONITOR_H
#define CASES_MONITOR_MONITOR_H

#include "harness/run/bare.h"

/**
 * struct monitor_row - A command that must be refused, on either monitor
 * @name:	value of the axis "row"
 * @command, @args: the QMP command; quotes in @args are single ones
 * @desc:	the error's description; with "CLASS: " in front where that is not GenericError
 * @line:	the HMP command; NULL: it has none
 * @answer:	HMP's answer; nothing: "Error: " and the description without "Failed to add .."
 */
struct monitor_row {
	const char *name, *command, *args;
	struct says desc[3];
	const char *line;
	struct says answer[3];
};

#define QMP(command, args, ...)                                                                    \
	command, args,                                                                             \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define HMP(line, ...)                                                                             \
	line,                                                                                      \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define HMP_SAME(line)                                                                             \
	line,                                                                                      \
	{                                                                                          \
		{                                                                                  \
			NULL, NULL                                                                 \
		}                                                                                  \
	}
#define NO_HMP		    HMP_SAME(NULL)
#define ADD(id, type, data) "{'id': '" id "', 'backend': {'type': '" type "', 'data': {" data "}}}"

/** monitor_plan() - For .plan: chardevs u (null, nobody's), busy (null, of an isa-serial), m (a
 * mux, of another), ring (ringbuf of 16 bytes), s (a unix socket that listens), v (ringbuf, of a
 * virtserialport), dc (ringbuf, of an isa-debugcon) */
void monitor_plan(const struct variant *v, struct plan *plan);
/** monitor_json() - @text with double quotes for single ones; malloc'ed */
char *monitor_json(const char *text);
/** monitor_chardevs() - All that query-chardev says; malloc'ed */
char *monitor_chardevs(struct bare *b);
/** monitor_hmp() - An HMP command's answer without carriage returns and without the last newline:
 * malloc'ed. QEMU's end fails the trial */
char *monitor_hmp(struct bare *b, const char *line);
/** monitor_cmd() - A QMP command that may be refused: how it ended. QEMU's end fails the trial */
enum qmp_result monitor_cmd(struct bare *b, const char *command, const char *args);
/** monitor_hand_over() - getfd: @fd is QEMU's under @name, and no longer ours */
void monitor_hand_over(struct bare *b, int fd, const char *name);
/** monitor_refused() - Demand that the trial's row is refused, and changes nothing */
void monitor_refused(struct trial *t);
/** monitor_possible() - For .possible: a row without an HMP command is for QMP alone */
bool monitor_possible(const struct variant *v);

/* A table and its case; see monitor_refused(). */
#define MONITOR_REFUSED(area, claim, where, table)                                                 \
	CASE(monitor_refused_##area, .id = "monitor.refused-" #area, .title = claim,               \
	     .clause = where, .level = LEVEL_MUST, .needs = NEEDS_QEMU,                            \
	     .axes = (const char *const[]){"row", "monitor", NULL}, .rows = ROWS(table),           \
	     .possible = monitor_possible, .plan = monitor_plan)                                   \
	{                                                                                          \
		monitor_refused(t);                                                                \
	}

#endif
