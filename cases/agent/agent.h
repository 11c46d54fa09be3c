/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h - what the cases of guest agents share: the agents, and the texts of their clipboards
 */
#ifndef CASES_AGENT_H
#define CASES_AGENT_H

#include "harness/run/trial.h"

#define AGENT_MS 8000

/* spice-protocol, spice/vd_agent.h: VD_AGENT_CAP_* */
#define CAP_MOUSE     (1U << 0)
#define CAP_BY_DEMAND (1U << 5)
#define CAP_SELECTION (1U << 6)
#define CAP_AUDIO     (1U << 11) /* in no announcement but those that a case sends as a marker */

/* One line, and more than a chunk (1024 bytes from QEMU, 2048 from a client), a page and a
 * virtqueue hold. */
#define AGENT_TEXTS 2
extern const unsigned agent_text_lines[AGENT_TEXTS];

/** agent_plan_port() - A port @name, number @nr, for backend @chardev; the first brings its
 * controller */
void agent_plan_port(struct plan *plan, int nr, const char *chardev, const char *name);
/** agent_start() - An agent in the guest at port @name, from when it sees its host */
struct helper *agent_start(struct trial *t, const char *name);
/** agent_await() - Wait until the agent says "# KEY.."; the rest of the line, malloc'ed. The trial
 * fails, since @what did not happen, when it does not */
char *agent_await(struct helper *agent, const char *key, const char *what);
/** agent_answer() - Wait for the other end's answer number @n to being asked for its capabilities,
 * which agent_start() does first */
unsigned agent_answer(struct helper *agent, int n);
/** agent_silent() - Has it not said "# KEY.."? To be asked after a marker has come */
bool agent_silent(struct helper *agent, const char *key);
/** agent_quit() - It ends, without a complaint */
void agent_quit(struct helper *agent);

/** agent_repro() - By hand, in the words of repro.h: an agent at port @name in the background, told
 * what the shell @commands print 3 s after it has come; what it says goes to @out */
void agent_repro(struct buf *b, const char *name, const char *commands, const char *out);

/** agent_text() - The text that the helper makes of "offer WORD LINES" */
void agent_text(struct buf *text, const char *word, unsigned lines);
/** agent_expect_text() - Wait until text number @n comes at @agent; it must be that of @word and
 * @lines */
void agent_expect_text(struct helper *agent, int n, const char *word, unsigned lines);

#endif
