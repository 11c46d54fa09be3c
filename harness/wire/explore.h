/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore.h - generated scripts on two targets; what differs is cut short, grouped and noted
 *
 * Two differences count as one cause when their shortest scripts are the same verbs and the same
 * kinds of lines differ. One that does not come back on targets made anew says so: something has
 * outlived the previous script. A target's death or hang is a cause of its own, by its last words;
 * one that is known (deaths.h) is counted and is none.
 */
#ifndef WIRE_EXPLORE_H
#define WIRE_EXPLORE_H

#include "harness/wire/cross.h"

#define EXPLORE_DEATHS 16

/**
 * struct explore_finding - A cause
 * @key:	what tells it from others
 * @seed:	of the first script that showed it; @times: how many did
 * @script:	the shortest; @report: both sides
 * @again:	seen on targets made anew, too
 */
struct explore_finding {
	char *key;
	uint64_t seed;
	unsigned times;
	bool again;
	struct wire_script script;
	struct buf report;
};

/**
 * struct explore - A search
 * @config:	the topology that scripts are made for
 * @quick:	targets as after power-on, however made
 * @anew:	the same two, truly made anew
 * @steps:	of a script
 * @reduce:	so many runs at most to make a difference short
 * @found:	what came of it
 * @seen:	differences before they were made short: of each kind only a few are
 * @played, @steps_played: scripts, and their steps
 * @deaths:	how often the first ended in a way that is known, by its number in deaths.h
 * @why:	one of them could not be made
 */
struct explore {
	const struct target_config *config;
	const struct cross_side *quick, *anew;
	size_t steps;
	int reduce;

	struct explore_finding *found;
	size_t n_found;
	struct strv seen;
	unsigned long played, steps_played;
	unsigned long deaths[EXPLORE_DEATHS];
	struct buf why;
};

/** explore_one() - Play the script of @seed. False: a target cannot be made: @why */
bool explore_one(struct explore *e, uint64_t seed);
void explore_release(struct explore *e);
/** explore_case() - A finding as a case, ready for cases/wire; @where "pci-modern,split" */
void explore_case(const struct explore_finding *f, const char *where, struct buf *b);
/** explore_shell() - The same as a line for a shell: what "play" wants */
void explore_shell(const struct explore_finding *f, const char *where, struct buf *b);
/** explore_report() - All findings, for people; explore_sum() - what was done, in one line */
void explore_report(const struct explore *e, struct buf *b);
void explore_sum(const struct explore *e, struct buf *b);

/* explore_part.c: a search that several processes share. */
/** explore_write() - Append all that came of it, for explore_merge() */
void explore_write(const struct explore *e, struct buf *b);
/** explore_merge() - Add what another process wrote, @text. Findings of one cause become one, that
 * of the smallest seed; the seeds of the others' are appended to @gone, a word each, and the
 * findings are in the order of their seeds. False: it is cut off, or nothing of ours; one line in
 * @why */
bool explore_merge(struct explore *e, const char *text, struct strv *gone, struct buf *why);

#endif
