/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cross.h - one script on two targets: do they show the same, step by step?
 */
#ifndef WIRE_CROSS_H
#define WIRE_CROSS_H

#include "harness/wire/player.h"

/**
 * struct cross_side - One of the two
 * @name:	for people
 * @fresh:	a target as after power-on, NULL with a line in @why: there is none to be had
 * @done:	what @fresh made is not needed any more; should that end it, how is appended to
 *		@end. May be NULL
 * @arg:	for both
 * @variant:	of the first: what "play" has to be told besides the script; NULL: nothing
 */
struct cross_side {
	const char *name;
	struct target *(*fresh)(void *arg, struct buf *why);
	void (*done)(void *arg, struct target *t, struct buf *end);
	void *arg;
	const char *variant;
};

/**
 * struct cross - What came of it
 * @differs:	at step @step (from 0; behind the last one: when it was put away) they showed
 *		something else
 * @broken:	one of them could not be made: @why
 * @trace:	all that was seen of each, "step N VERB .." and lines behind it
 * @seen:	of each, in the step where they differ
 * @end:	how each has ended, in words; nothing: it did not
 */
struct cross {
	bool differs, broken;
	size_t step;
	struct buf trace[2], seen[2], end[2], why;
};

void cross_init(struct cross *c);
void cross_release(struct cross *c);
/** cross_run() - Play @script on fresh targets, side by side, until they differ */
void cross_run(struct cross *c, const struct wire_script *script, const struct cross_side sides[2]);
/**
 * struct cross_likeness - What a difference has to be like
 * @alike:	is this one? NULL: any is
 */
struct cross_likeness {
	bool (*alike)(const struct cross *c, const struct wire_script *script, void *arg);
	void *arg;
};

/** cross_reduce() - Drop steps from @script, which differs, while it still does, and alike (NULL:
 * however): @runs at most. What is left is in @script, and @c is of its last run that differed */
void cross_reduce(struct cross *c, struct wire_script *script, const struct cross_side sides[2],
		  int runs, const struct cross_likeness *like);
/** cross_report() - Append for people: the step, both sides, the script as C and as a shell line */
void cross_report(const struct cross *c, const struct wire_script *script,
		  const struct cross_side sides[2], struct buf *b);

#endif
